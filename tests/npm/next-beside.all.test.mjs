// i18n of the pages router, and another middleware beside ours.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { NAVIGATION, document, env } from './support/config.mjs';
import { send } from './support/http.mjs';
import { entry, modulesFor } from './support/install.mjs';
import { started } from './support/next.mjs';

const modules = modulesFor('next-16');
const { forge } = await entry(modules, 'testing');
const client = (app) => (path, headers = {}) => send(`${app.origin}${path}`, { headers: { ...NAVIGATION, ...headers } });

/** Follows redirects that only change the spelling of the same page. */
async function settled(go, path, headers) {
  let response = await go(path, headers);
  for (let hops = 0; [307, 308].includes(response.status) && hops < 3; hops += 1) response = await go(response.headers.get('location'), headers);
  return response;
}

test('next-intl beside the gate: one middleware, both decisions', async (t) => {
  const dir = join(modules, 'app-intl');
  const source = `import createIntl from 'next-intl/middleware';
import { edgeward } from 'edgeward/next';
import { document } from './gate';
const intl = createIntl({ locales: ['en', 'de'], defaultLocale: 'en' });
const gate = edgeward({ ...document, locales: ['en', 'de'], sign_in: '/en/login', routes: [
  { path: '/login', require: 'guest' }, { path: ['/about', '/robots.txt'], require: 'public' }, { path: '/admin/:path*', require: { any: [{ role: 'admin' }] } },
] });
export default async function proxy(request, event) {
  const decision = await gate.decide(request, event);
  if (decision.action === 'respond') return decision.response;
  return gate.apply(decision, intl(request));
}
export const config = { matcher: ['/((?!_next/static/|_next/image$|favicon\\\\.ico$|robots\\\\.txt$).*)'] };
`;
  const page = `import { headers } from 'next/headers';
import { getSession } from '../../session';
export default async function Page({ params }) {
  const result = await getSession(headers());
  const seen = await headers();
  return <main><p>{\`who:\${result.status === 'session' ? result.session.sub : result.status}; locale:\${(await params).locale}; intl:\${seen.get('x-next-intl-locale')}; spoofed:\${seen.get('x-edgeward-user')}; cookie:\${seen.get('cookie')};\`}</p></main>;
}
`;
  rmSync(dir, { recursive: true, force: true });
  const app = await started(modules, dir, {
    shell: 'proxy', bundler: 'turbopack', app: 'intl-app', files: { 'proxy.js': source, 'app/[locale]/dashboard/page.jsx': page, 'app/[locale]/login/page.jsx': 'export default () => <main>login page</main>;\n' },
  });
  t.after(() => app.stop());
  const go = client(app);
  const ann = await forge(document(app.origin), { sub: 'ann' }, { env });
  const old = await forge(document(app.origin), { sub: 'ann' }, { env, now: Date.now() - 30 * 60_000 });
  const away = await go('/de/dashboard');
  assert.deepEqual([away.status, away.headers.get('location')], [302, '/en/login?return_to=%2Fde%2Fdashboard'], app.output());
  const bare = await go('/dashboard', { cookie: ann.header });
  assert.deepEqual([bare.status, new URL(bare.headers.get('location'), app.origin).pathname], [307, '/en/dashboard']);
  const seen = (await go('/de/dashboard', { cookie: old.header, 'x-edgeward-user': 'root' }));
  const renewed = seen.headers.getSetCookie().find((line) => line.startsWith('__Host-edgeward=')).split(';')[0];
  assert.match(seen.text(), new RegExp(`who:ann; locale:de; intl:de; spoofed:null; cookie:[^;]*${renewed.split('=')[1]}`));
  assert.equal((await go('/en/login')).status, 200);
});

test('i18n of the pages router: a locale in front of a path is no way around its rule', async (t) => {
  const source = `import { edgeward } from 'edgeward/next';
export default edgeward({ public_origins: [process.env.NEXT_PUBLIC_ORIGIN], default: 'session', sign_in: '/login', locales: ['de', 'en'],
  session: { format: 'edgeward', secrets: [{ env: 'SESSION_SECRET' }], roles: '/roles' },
  routes: [{ path: ['/about', '/robots.txt'], require: 'public' }, { path: '/login', require: 'guest' }, { path: '/admin/:path*', require: { any: [{ role: 'admin' }] } }] });
export const config = { matcher: ['/', '/((?!_next/static/|_next/image$|favicon\\\\.ico$).*)'] };
`;
  const page = (text) => `export async function getServerSideProps() { return { props: {} }; }\nexport default () => <main>${text}</main>;\n`;
  const app = await started(modules, join(modules, 'app-i18n'), {
    shell: 'middleware', bundler: 'webpack', app: 'i18n-app', next: { i18n: { locales: ['en', 'de'], defaultLocale: 'en' } },
    files: { 'middleware.js': source, 'pages/index.jsx': page('home page'), 'pages/about.jsx': page('about page'), 'pages/login.jsx': page('login page'), 'pages/admin.jsx': page('admin page') },
  });
  t.after(() => app.stop());
  const go = client(app);
  const ann = await forge(document(app.origin), { sub: 'ann' }, { env });
  const root = await forge(document(app.origin), { sub: 'root', roles: ['admin'] }, { env });
  for (const path of ['/admin', '/de/admin', '/en/admin', '/DE/admin', '/de/Admin', '/de', '/']) {
    const response = await settled(go, path);
    assert.doesNotMatch(response.text(), /admin page|home page/, path);
    assert.ok([302, 400, 404].includes(response.status), `${path} ${response.status}`);
  }
  for (const path of ['/admin', '/de/admin']) {
    assert.equal((await settled(go, path, { cookie: ann.header })).status, 403, path);
    assert.match((await settled(go, path, { cookie: root.header })).text(), /admin page/, path);
  }
  assert.match((await settled(go, '/de/about')).text(), /about page/);
  const id = readFileSync(join(app.dir, '.next/BUILD_ID'), 'utf8').trim();
  const data = (path, who) => send(`${app.origin}/_next/data/${id}/${path}`, { headers: { 'x-nextjs-data': '1', ...(who && { cookie: who.header }) } });
  for (const path of ['de/admin.json', 'en/admin.json', 'admin.json']) {
    assert.doesNotMatch((await data(path)).text(), /pageProps/, path);
    assert.doesNotMatch((await data(path, ann)).text(), /pageProps/, path);
  }
  assert.deepEqual([(await data('de/admin.json')).status, (await data('de/admin.json', ann)).status], [401, 403]);
  assert.match((await data('de/admin.json', root)).text(), /pageProps/);
});
