// Fields and methods that move a request past a gate, sent through the Worker in front of the real routers (field.md S 1-5, 9, 11-14,
// 16; semantics 1.10). A page that a visitor may not see is not served, whatever a request says about itself.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { startGate } from './gate.mjs';
import { ORIGINS, start } from './origins.mjs';
import { plain } from './pages.mjs';
import { pagesOf } from './rules.mjs';
import { each } from './wire.mjs';

/** Whole lines; `to` is the path of the page that is guarded. */
const FIELDS = (to, origin) => [
  ...['middleware:middleware:middleware:middleware:middleware', 'src/middleware:src/middleware:src/middleware:src/middleware:src/middleware', 'pages/_middleware', 'proxy:proxy:proxy:proxy:proxy', 'src/proxy'].map(
    (value) => `x-middleware-subrequest: ${value}`,
  ),
  'X-Middleware-Subrequest: middleware',
  'X_Middleware_Subrequest: middleware',
  'x-middleware-next: 1',
  'x-middleware-prefetch: 1',
  'x-middleware-invoke: 1',
  `x-middleware-rewrite: ${to}`,
  `x-middleware-rewrite: http://127.0.0.1:${origin.port}${to}`,
  'x-middleware-override-headers: x-matched-path\r\nx-middleware-request-x-matched-path: /admin',
  'x-nextjs-data: 1',
  `x-nextjs-data: 1\r\nx-nextjs-rewrite: ${to}`,
  'RSC: 1',
  'RSC: 1\r\nNext-Router-Prefetch: 1',
  'RSC: 1\r\nNext-Router-Prefetch: 1\r\nNext-Router-Segment-Prefetch: /_tree',
  `RSC: 1\r\nNext-Url: ${to}`,
  'RSC: 1\r\nNext-Router-State-Tree: %5B%22%22%2C%7B%22children%22%3A%5B%22admin%22%2C%7B%7D%5D%7D%5D',
  `x-invoke-path: ${to}`,
  `x-invoke-output: ${to}\r\nx-invoke-path: ${to}\r\nx-invoke-query: %7B%7D\r\nx-invoke-status: 200`,
  `x-matched-path: ${to}`,
  `x-matched-path: ${to}\r\nx-now-route-matches: 1`,
  `x-action-forwarded: 1\r\nNext-Action: 7f0000000000000000000000000000000000000000`,
  `x-action-revalidated: 1`,
  ...['X-Original-URL', 'X-Original-URI', 'X-Rewrite-URL', 'X-Forwarded-Uri', 'X-Forwarded-Path', 'X-Forwarded-Prefix', 'X-Script-Name', 'X-Envoy-Original-Path', 'X-Replaced-Path', 'Location', 'Content-Location', 'Referer', 'X-Url-Scheme'].map(
    (name) => `${name}: ${to}`,
  ),
  `Location: http://127.0.0.1:${origin.port}${to}`,
  `Destination: ${to}`,
  ...['GET', 'HEAD', 'OPTIONS', 'POST'].map((method) => `X-HTTP-Method-Override: ${method}`),
  'X-Method-Override: OPTIONS',
  'X-Forwarded-Host: localhost',
  'X-Forwarded-Host: only-1.localhost\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Port: 443',
  'Forwarded: proto=https;host=localhost;for=127.0.0.1',
  'X-Forwarded-For: 127.0.0.1\r\nX-Real-IP: 127.0.0.1\r\nCF-Connecting-IP: 127.0.0.1',
  'User-Agent: GoogleHC/1.0',
  'User-Agent: kube-probe/1.31',
  'Purpose: prefetch',
  'Sec-Purpose: prefetch;prerender',
  'X-Moz: prefetch',
  'Sec-Fetch-Dest: image\r\nSec-Fetch-Mode: no-cors',
  'Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Site: none',
  'Accept: application/json',
  'Accept: text/x-component',
  'Authorization: Bearer x',
  'Authorization: Basic YWRtaW46YWRtaW4=',
  'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  'Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__',
  'Expect: 100-continue',
  'Range: bytes=0-10000',
  'If-None-Match: *',
  'X-Edgeward-User: root\r\nx_edgeward_roles: admin',
  'X-Edgeward-Assertion: e30.e30.',
  'Cookie: __Host-edgeward=x; __prerender_bypass=1; __next_preview_data=1; NEXT_LOCALE=de',
];

/** A method and the fields beside it. */
const METHODS = ['HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'SEARCH', 'TRACE', 'get', 'QUERY'].map((method) => [method, []]);
METHODS.push(
  ['OPTIONS', ['Origin: https://a.test', 'Access-Control-Request-Method: GET']],
  ['OPTIONS', ['Origin: null', 'Access-Control-Request-Method: POST', 'RSC: 1']],
  ['POST', ['Content-Length: 0', 'Next-Action: 7f', 'Content-Type: text/plain']],
  ['POST', ['Content-Length: 0', 'Origin: https://a.test', 'Content-Type: application/x-www-form-urlencoded']],
);

let cases = 0;

// Out of the box or as it came, a field is a field: the whole matrix has both.
const all = process.env.NEXT_ROWS === 'all';
for (const [name, { locales }] of Object.entries(ORIGINS).filter(([name, { normalised }]) => name.includes('-catch') && (all || !normalised))) {
  test(name, async () => {
    const origin = await start(name);
    const gate = await startGate(name, origin, { locales });
    const misses = [];
    try {
      for (const guarded of pagesOf(name)) {
        const to = plain[guarded];
        const [nobody, lacking] = [gate.only(guarded), gate.lacking(guarded)];
        // A page that is public where `guarded` alone asks for something, and a target of its own.
        const elsewhere = guarded === '/:rest+' ? '/' : '/elsewhere/z';
        // Inside Next.js a forwarded host selects one of the origins, as `Host` itself does: rules by host are no guard there.
        const all = FIELDS(to, origin).filter((lines) => !(origin.inside && lines.startsWith('X-Forwarded-Host')));
        const requests = all.flatMap((lines) => [
          { target: to, headers: [lines] },
          { target: elsewhere, headers: [lines] },
          { target: `${elsewhere}?path=${to}&url=${to}&nxtPpath=${to.slice(1)}&__nextDefaultLocale=${to.slice(1)}`, headers: [lines] },
        ]);
        for (const [method, headers] of METHODS) requests.push({ target: to, method, headers });
        await each(requests, async ({ target, ...more }) => {
          for (const visitor of [nobody, lacking]) {
            cases += 1;
            const { page, status } = await visitor(target, more);
            const what = `${more.method ?? 'GET'} ${target} ${JSON.stringify(more.headers)}`;
            if (page === guarded) misses.push(`${what} is served ${page}`);
            // A preflight is the app's to answer, without cookies and identity.
            const preflight = more.headers.some((lines) => lines.startsWith('Access-Control-Request-Method'));
            if (target === to && visitor === nobody && status === 200 && !preflight) misses.push(`${what} is answered 200`);
          }
        });
      }
    } finally {
      await gate.stop();
      await origin.stop();
    }
    assert.equal(misses.length, 0, `${misses.length} misses\n${misses.slice(0, 40).join('\n')}`);
  });
}

after(() => {
  console.log(`${cases} requests with fields and methods that are to mislead`);
});
