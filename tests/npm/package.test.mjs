// The tarball as a package: what is in it, what judges of packages say, what the types let through, what a browser gets.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import test from 'node:test';

import { document } from './support/config.mjs';
import { entry, modulesFor, toolchain } from './support/install.mjs';

const modules = modulesFor('runtimes');
const home = join(modules, 'node_modules/edgeward');
const run = (script, ...given) => spawnSync(process.execPath, [join(modules, 'node_modules', script), ...given], { cwd: modules, encoding: 'utf8' });

test('nothing but what runs is in it', () => {
  const files = readdirSync(home, { recursive: true, withFileTypes: true }).filter((file) => file.isFile()).map((file) => file.name);
  for (const name of files) assert.match(name, /\.(mjs|d\.ts|wasm)$|^package\.json$|^README\.md$|^LICENSE$/, name);
  assert.ok(files.includes('README.md') && files.includes('LICENSE'), files.join());
  const { exports } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  for (const conditions of Object.values(exports).filter((value) => typeof value === 'object')) {
    for (const path of Object.values(conditions)) readFileSync(join(home, path));
  }
});

test('the table of runtimes names the versions that the tests run', () => {
  const readme = readFileSync(join(home, 'README.md'), 'utf8');
  const [, table] = /<!-- runtimes -->(.*)<!-- \/runtimes -->/s.exec(readme);
  const packages = (path) => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8'));
    return { ...dependencies, ...devDependencies };
  };
  const versions = (row) => table.split('\n').filter((line) => line.includes(row)).map((line) => line.split('|')[2].trim());
  const [now, before, runtimes] = ['next-16', 'next-15', 'runtimes'].map((name) => packages(`locks/${name}/package.json`));
  assert.deepEqual(new Set(versions('Next.js')), new Set([now.next, before.next]));
  assert.deepEqual(versions('| Deno'), [runtimes.deno]);
  assert.deepEqual(versions('| edge-runtime'), [runtimes['edge-runtime']]);
  assert.ok(packages('../toolchain/package.json').workerd.startsWith(versions('| workerd')[0]));
  for (const name of ['next-intl', 'next-auth', 'express', 'hono']) assert.ok(table.includes(now[name]), name);
});

test('publint', async () => {
  const script = join(modules, 'publint.mjs');
  writeFileSync(script, "export { publint } from 'publint';\n");
  const { publint } = await import(pathToFileURL(script));
  const { messages } = await publint({ pkgDir: home, strict: true });
  assert.deepEqual(messages.map(({ code, path }) => `${code} ${path?.join('.')}`), []);
});

test('are the types wrong', () => {
  const told = run('@arethetypeswrong/cli/dist/index.js', process.env.TARBALL, '--profile', 'esm-only', '--no-emoji', '--no-color');
  assert.equal(told.status, 0, told.stdout + told.stderr);
});

const TYPES = `
import { edgeward, type EdgewardConfig, type Code } from 'edgeward/next';
import { edgeward as server, SessionError } from 'edgeward/server';
import { edgeward as node } from 'edgeward/node';
import { createGate } from 'edgeward/fetch';
import { createOryMiddleware } from 'edgeward/ory';
import { createApiHandler } from 'edgeward/ory/pages';
import { forge, checkMatcher } from 'edgeward/testing';
import { SessionProvider, useSession } from 'edgeward/react';

const config: EdgewardConfig = {
  public_origins: ['https://app.example.com'], default: 'session', sign_in: '/login',
  session: { format: 'edgeward', secrets: [{ env: 'A' }], roles: '/roles', idle: '1d' },
  routes: [{ path: '/admin/:path*', require: { any: [{ role: 'admin' }], max_age: '15m' } }],
};
const code: Code = 'session.expired';
const middleware = edgeward(config);
async function use(request: Request) {
  const response: Response = await middleware(request);
  const decision = await middleware.decide(request);
  if (decision.action === 'continue') decision.headers.get('cookie');
  const { getSession, requireSession, seal } = server(config, { log: (event) => event.code });
  const result = await getSession(request.headers, { any: [{ role: 'admin' }] });
  if (result.status === 'session') result.session.sub; else result.code;
  const [cookie] = await seal({ sub: 'a', claims: { plan: 'gold' } });
  return [response, String(cookie), await requireSession(request), new Error() instanceof SessionError, node(config), createGate(config).fetch(request, () => response)];
}
createOryMiddleware({}); createApiHandler({}); checkMatcher(config, '/:path*'); forge(config, { sub: 'a' }); SessionProvider({}); useSession().session?.sub;
export { use, code };
`;

const WRONG = [
  ["a key that nobody knows", "edgeward({ public_origins: ['https://a.example'], default: 'session', routes: [], rotues: [] });"],
  ['a word that is none', "edgeward({ public_origins: ['https://a.example'], default: 'sessions' });"],
  ['a secret written out', "edgeward({ public_origins: ['https://a.example'], default: 'session', session: { format: 'edgeward', secrets: ['secret'] } });"],
  ['a format that is none', "edgeward({ public_origins: ['https://a.example'], default: 'session', session: { format: 'nextauth' } });"],
  ["another format's option", "edgeward({ public_origins: ['https://a.example'], default: 'session', session: { format: 'edgeward', secrets: [{ env: 'A' }], subject: 'userId' } });"],
  ['a duration without a unit', "edgeward({ public_origins: ['https://a.example'], default: 'session', session: { format: 'edgeward', secrets: [{ env: 'A' }], idle: '30' } });"],
  ['a code that is none', "const code: Code = 'session.ended';"],
  ['a session that may not be there', "server({} as EdgewardConfig).getSession(new Headers()).then((result) => result.session.sub);"],
  ['a public key as a text', "edgeward({ public_origins: ['https://a.example'], default: 'session', session: { format: 'clerk', keys: ['-----BEGIN PUBLIC KEY-----'] } });"],
  ['no config', 'edgeward();'],
];

test('the types take what is right and nothing that is wrong', () => {
  const dir = join(modules, 'types');
  mkdirSync(dir, { recursive: true });
  const imports = TYPES.split('\n').filter((line) => line.startsWith('import')).join('\n');
  writeFileSync(join(dir, 'right.ts'), TYPES);
  WRONG.forEach(([, code], at) => writeFileSync(join(dir, `wrong-${at}.ts`), `${imports}\n${code}\nexport {};\n`));
  for (const resolution of [['bundler', 'esnext'], ['nodenext', 'nodenext']]) {
    writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify({ compilerOptions: { strict: true, noEmit: true, module: resolution[1], moduleResolution: resolution[0], target: 'es2022', lib: ['es2023', 'dom', 'dom.iterable'], types: ['node'], skipLibCheck: false }, files: ['right.ts', ...WRONG.map((_, at) => `wrong-${at}.ts`)] }));
    const { stdout } = run('typescript/bin/tsc', '-p', join(dir, 'tsconfig.json'), '--pretty', 'false');
    const faulty = new Set(stdout.split('\n').map((line) => /([\w-]+)\.ts\(\d+/.exec(line)?.[1]).filter(Boolean));
    assert.deepEqual([...faulty].sort(), WRONG.map((_, at) => `wrong-${at}`).sort(), stdout);
  }
});

test("a browser's bundle gets one sentence, and neither wasm nor gate", async () => {
  const { build } = await import(pathToFileURL(toolchain.resolve('esbuild')));
  for (const name of ['next', 'fetch', 'node', 'server', 'ory', 'ory/pages', 'testing']) {
    const { outputFiles } = await build({ stdin: { contents: `export * from 'edgeward/${name}';`, resolveDir: modules }, bundle: true, format: 'esm', platform: 'browser', write: false, logLevel: 'silent' });
    assert.ok(outputFiles[0].contents.length < 3_000, `${name}: ${outputFiles[0].contents.length}`);
    const page = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
    const real = await entry(modules, name);
    for (const exported of Object.keys(real)) assert.ok(exported in page, `${name} lacks ${exported} in the browser`);
    const call = page.edgeward ?? page.createGate;
    assert.throws(() => call({}), /was called in the browser, where the gate has no secrets; call it in middleware\.ts/);
  }
  const react = await build({ stdin: { contents: `export * from 'edgeward/react';`, resolveDir: modules }, bundle: true, format: 'esm', platform: 'browser', external: ['react'], write: false, logLevel: 'silent' });
  assert.ok(react.outputFiles[0].contents.length < 4_000);
});

test('what nobody uses is left out', async () => {
  const { build } = await import(pathToFileURL(toolchain.resolve('esbuild')));
  const { outputFiles } = await build({ stdin: { contents: `import 'edgeward/next'; import { edgeward } from 'edgeward/server'; console.log(1);`, resolveDir: modules }, bundle: true, format: 'esm', conditions: ['node'], platform: 'node', write: false, logLevel: 'silent', treeShaking: true });
  assert.ok(outputFiles[0].contents.length < 200, outputFiles[0].text.slice(0, 500));
});

test('a runtime without wasm, or that compiles none, says so in one sentence', () => {
  const script = (text) => spawnSync(process.execPath, ['--input-type=module', '--eval', text], { cwd: modules, encoding: 'utf8', env: { ...process.env, SESSION_SECRET: 'x'.repeat(40) } });
  const config = JSON.stringify(document('http://localhost:3000'));
  const gate = `const { createGate } = await import('edgeward/fetch'); const gate = createGate(${config}); const response = await gate.fetch(new Request('http://localhost:3000/'), () => new Response('in')); console.log('status', response.status);`;
  const none = script(`delete globalThis.WebAssembly; ${gate}`);
  assert.match(none.stderr, /edgeward: this runtime has no WebAssembly; run the gate in Node, Deno, workerd or an edge runtime/);
  assert.match(none.stdout, /status 503/, 'and nobody comes in');
  const refused = script(`WebAssembly.Module = class { constructor() { throw new Error('Wasm code generation disallowed by embedder'); } }; ${gate}`);
  assert.match(refused.stderr, /edgeward: this runtime does not compile wasm from bytes; let the bundler resolve `edgeward` with the condition `edge-light` \(Vercel, Next\.js\) or `workerd` \(Cloudflare\)/);
  assert.match(refused.stdout, /status 503/);
});

test('a bundler that makes something else of the wasm, and one that lost it, are told so', async () => {
  const { build } = await import(pathToFileURL(toolchain.resolve('esbuild')));
  const made = (name, options) => build({
    stdin: { contents: `import { createGate } from 'edgeward/fetch'; const gate = createGate(${JSON.stringify(document('http://localhost:3000'))}); const response = await gate.fetch(new Request('http://localhost:3000/about'), () => new Response('in')); console.log('status', response.status);`, resolveDir: modules },
    bundle: true, format: 'esm', platform: 'neutral', outfile: join(modules, name), logLevel: 'silent', ...options,
  });
  const ran = () => spawnSync(process.execPath, [join(modules, 'other.mjs')], { cwd: modules, encoding: 'utf8', env: { ...process.env, SESSION_SECRET: 'x'.repeat(40) } });
  for (const loader of ['file', 'dataurl', 'empty']) {
    await made('other.mjs', { conditions: ['workerd'], loader: { '.wasm': loader } });
    const { stdout, stderr } = ran();
    assert.match(stderr, /edgeward: the import of `edgeward\.wasm` gave no compiled module; a bundler replaced it\. Keep `edgeward` out of its rules for wasm files\./, loader);
    assert.match(stdout, /status 503/, loader);
  }
  await assert.rejects(made('lost.mjs', { conditions: ['workerd'] }), /No loader is configured for "\.wasm" files/);
});

test("an edge runtime that asks for Node's server is told what to take", async () => {
  const { build } = await import(pathToFileURL(toolchain.resolve('esbuild')));
  for (const [name, exported] of [['node', 'edgeward'], ['ory/pages', 'createApiHandler']]) {
    const { outputFiles } = await build({ stdin: { contents: `export * from 'edgeward/${name}';`, resolveDir: modules }, bundle: true, format: 'esm', platform: 'neutral', conditions: ['edge-light'], write: false, logLevel: 'silent' });
    const page = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
    for (const each of Object.keys(await entry(modules, name))) assert.ok(each in page, `${name} lacks ${each}`);
    assert.throws(() => page[exported]({}), /needs Node's own server, and this is an edge runtime; use `edgeward\/next` in a middleware of Next\.js, `edgeward\/fetch` elsewhere/);
  }
});

test('a matcher that lets guarded paths past the gate is named with them', async () => {
  const { checkMatcher } = await entry(modules, 'testing');
  const config = { ...document('https://app.example.com'), kratos: { url: 'https://id.example.com' } };
  const rows = [
    ['/:path*', null],
    ['/((?!_next/static/|_next/image$|favicon\\.ico$).*)', null],
    [['/', '/:path*'], null],
    ['/((?!_next/static|_next/image|favicon.ico).*)', /`\/favicon\.icoX\/settings`, `\/_next\/imagefoo`/],
    ['/dashboard/:path*', /`\/self-service\/login\/browser`.*`\/admin`/],
    ['/((?!api|_next/static/).*)', /`\/api/],
    ['/((?!api/|_next/static/|_next/image$|favicon\\.ico$).*)', /`\/api\/any`/],
    ['/((?!_next/static/|_next/image$|favicon\\.ico$|.*\\.json$).*)', /`\/any\.json`/],
    [['/admin', '/self-service/:path*'], /`\/admin\/x`/],
    [/x/, /is no path; write one that begins with/],
  ];
  for (const [matcher, message] of rows) {
    if (message === null) checkMatcher(config, matcher);
    else assert.throws(() => checkMatcher(config, matcher), message, String(matcher));
  }
});
