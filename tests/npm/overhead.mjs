// What the gate costs a request in Next.js: production, `next start`, alternating with an empty middleware.
// TARBALL=… NPM_CACHE=… TOOLCHAIN=… node tests/npm/overhead.mjs
import { request, Agent } from 'node:http';
import { join } from 'node:path';

import { document, env } from './support/config.mjs';
import { entry, modulesFor } from './support/install.mjs';
import { started } from './support/next.mjs';

const ROUNDS = 20;
const REQUESTS = 300;
const EMPTY = `export default () => new Response(null, { headers: { 'x-middleware-next': '1' } });\nexport const config = { matcher: ['/:path*'] };\n`;
const GATE = `import { edgeward } from 'edgeward/next';\nimport { document } from './gate';\nexport default edgeward(document, { log: false });\nexport const config = { matcher: ['/:path*'] };\n`;

const modules = modulesFor('next-16');
const { forge } = await entry(modules, 'testing');

for (const [shell, bundler] of [['proxy', 'turbopack'], ['middleware', 'webpack']]) {
  const apps = [];
  for (const [name, source] of [['empty', EMPTY], ['gate', GATE]]) {
    const app = await started(modules, join(modules, `overhead-${shell}-${name}`), { shell, bundler, source, files: { 'public/guarded.txt': 'guarded' } });
    const { header: cookie } = await forge(document(app.origin), { sub: 'ann', roles: ['admin'] }, { env });
    apps.push({ app, cookie, agent: new Agent({ keepAlive: true }), times: [] });
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { app, cookie, agent, times } of apps) {
      for (let count = 0; count < REQUESTS; count += 1) {
        const begun = performance.now();
        await get(app.port, cookie, agent);
        if (round > 0) times.push(performance.now() - begun);
      }
    }
  }
  const [empty, gate] = apps.map(({ times }) => times.sort((a, b) => a - b)[Math.floor(times.length / 2)]);
  console.log(`${shell}: empty ${empty.toFixed(3)} ms, gate ${gate.toFixed(3)} ms, overhead ${(gate - empty).toFixed(3)} ms (median of ${apps[0].times.length})`);
  for (const { app } of apps) await app.stop();
}
process.exit();

/** A page that is not rendered, so that what is measured is the way to it. */
function get(port, cookie, agent) {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path: '/guarded.txt', agent, headers: { host: `localhost:${port}`, cookie, accept: 'text/html' } }, (response) => {
      response.resume();
      response.on('end', resolve);
    }).on('error', reject).end();
  });
}
