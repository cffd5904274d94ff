// `edgeward/node` from the packed tarball: Node's own HTTP server, traps in the middle of traffic, the tunnel.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect as connectTwo, createServer as createTwo } from 'node:http2';
import { connect } from 'node:net';
import test from 'node:test';
import { gzipSync } from 'node:zlib';

import { NAVIGATION, document, env } from './support/config.mjs';
import { send } from './support/http.mjs';
import { identity } from './support/identity.mjs';
import { entry, installed } from './support/install.mjs';
import { springs } from './support/trap.mjs';

const dir = installed();
const { edgeward } = await entry(dir, 'node');
const { forge } = await entry(dir, 'testing');

async function served(config, app, options = {}) {
  let gated;
  const server = createServer((req, res) => {
    gated(req, res, (error) => {
      if (error) res.writeHead(500).end(`error: ${error.message}`);
      else app(req, res);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://localhost:${server.address().port}`;
  const made = config(origin);
  gated = edgeward(made, { env, log: false, ...options });
  return { origin, config: made, close: () => server.close() };
}

const app = (req, res) => {
  const json = JSON.stringify({ url: req.url, cookie: req.headers.cookie ?? null, raw: req.rawHeaders.filter((_, at) => at % 2 === 0), spoofed: req.headers['x-edgeward-user'] ?? null });
  res.writeHead(200, 'Fine', { 'content-type': 'application/json', 'cache-control': 'public, s-maxage=60', 'set-cookie': ['a=1', 'b=2; Expires=Wed, 21 Oct 2099 07:28:00 GMT'] });
  res.end(json);
};

test('a middleware of Node: who comes in, what the app sees, what goes out', async (t) => {
  const { origin, config, close } = await served(document, app);
  t.after(close);
  const ann = await forge(config, { sub: 'ann' }, { env });
  assert.equal((await send(`${origin}/dashboard`, { headers: NAVIGATION })).headers.get('location'), '/login?return_to=%2Fdashboard');
  assert.equal((await send(`${origin}/dashboard`)).status, 401);
  assert.equal((await send(`${origin}/dashboard`, { headers: { cookie: '__Host-edgeward=x' } })).status, 401);
  const response = await send(`${origin}/dashboard?x=%20`, { headers: { cookie: `t=1; ${ann.header}`, 'x-edgeward-user': 'root', 'X_Edgeward_User': 'root' } });
  assert.equal(response.status, 200);
  const seen = response.json();
  assert.deepEqual([seen.url, seen.cookie, seen.spoofed], ['/dashboard?x=%20', `${ann.header}; t=1`, null]);
  assert.ok(!seen.raw.some((name) => /edgeward/i.test(name)), seen.raw.join());
  assert.deepEqual(response.headers.getSetCookie(), ['a=1', 'b=2; Expires=Wed, 21 Oct 2099 07:28:00 GMT']);
  assert.match(response.headers.get('cache-control'), /private/);
  assert.match((await send(`${origin}/about`)).headers.get('cache-control'), /s-maxage=60/);
});

test("a session that is due is renewed in the app's own response", async (t) => {
  const { origin, config, close } = await served(document, (req, res) => res.end(req.headers.cookie));
  t.after(close);
  const old = await forge(config, { sub: 'ann' }, { env, now: Date.now() - 30 * 60_000 });
  const response = await send(`${origin}/dashboard`, { headers: { cookie: old.header } });
  const renewed = response.headers.getSetCookie()[0].split(';')[0];
  assert.notEqual(renewed, old.header);
  assert.equal(response.text(), renewed);
});

test('the tunnel: bodies up, cookies down, a coding that the client undid', async (t) => {
  const seen = [];
  const kratos = createServer((req, res) => {
    const chunks = [];
    req.on('data', (chunk) => chunks.push(chunk));
    req.on('end', () => {
      seen.push({ method: req.method, url: req.url, headers: req.headers, body: Buffer.concat(chunks).toString() });
      if (req.url.startsWith('/self-service/logout')) return res.writeHead(204).end();
      res.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip', 'set-cookie': ['csrf_token_1=a; Path=/; HttpOnly', 'ory_kratos_continuity=b; Path=/'] });
      return res.end(gzipSync(JSON.stringify({ ui: { action: `${base()}/self-service/login?flow=1`, nodes: [] } })));
    });
  }).listen(0, '127.0.0.1');
  await once(kratos, 'listening');
  const base = () => `http://127.0.0.1:${kratos.address().port}`;
  t.after(() => kratos.close());
  const { origin, close } = await served((at) => {
    const { sign_in: _, ...rest } = document(at);
    return { ...rest, routes: rest.routes.filter((route) => route.path !== '/login'), session: { ...rest.session, roles: '/metadata_public/roles' }, kratos: { url: base() } };
  }, app);
  t.after(close);
  const flow = await send(`${origin}/self-service/login/flows?id=1&x=%20y`, { headers: { accept: 'application/json', cookie: 'other=1; csrf_token_1=c', authorization: 'Bearer x', 'x-forwarded-for': '6.6.6.6' } });
  assert.deepEqual([flow.status, flow.headers.get('content-encoding')], [200, null]);
  assert.equal(flow.json().ui.action, `${origin}/self-service/login?flow=1`);
  assert.equal(flow.headers.getSetCookie().length, 2);
  const [asked] = seen;
  assert.deepEqual([asked.url, asked.headers.cookie, asked.headers.authorization], ['/self-service/login/flows?id=1&x=%20y', 'csrf_token_1=c', undefined]);
  assert.equal(asked.headers['x-forwarded-for'], '127.0.0.1');
  const body = `method=password&password=${'x'.repeat(100_000)}`;
  const posted = await send(`${origin}/self-service/login?flow=1`, { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length, origin, accept: 'application/json' } });
  assert.equal(posted.status, 200);
  assert.equal(seen[1].body, body);
  const out = await send(`${origin}/self-service/logout?token=t`, { headers: { accept: 'application/json' } });
  assert.deepEqual([out.status, out.text()], [204, '']);
  for (const path of ['/self-service-admin', '/self-serviceX', '/admin/identities', '/uikit']) {
    assert.equal((await send(`${origin}${path}`)).status, 401, path);
  }
  assert.equal(seen.length, 3);
});

test('what is posted to the app is the app\'s, however long the gate had to ask', async (t) => {
  const kratos = await identity();
  t.after(kratos.close);
  const { origin, close } = await served(kratos.document, (req, res) => {
    let length = 0;
    req.on('data', (chunk) => (length += chunk.length)).on('end', () => res.end(`${length}`));
  });
  t.after(close);
  for (const size of [0, 3, 300_000]) {
    for (const length of [{ 'content-length': size }, { 'transfer-encoding': 'chunked' }]) {
      const { cookie } = kratos.visitor({ slow: 150 });
      const posted = await send(`${origin}/api/things`, { method: 'POST', body: 'x'.repeat(size), headers: { cookie, origin, ...length } });
      assert.deepEqual([posted.status, posted.text()], [200, `${size}`]);
    }
  }
  assert.equal(kratos.asked(), 6, 'each was asked about first');
});

test('a trap costs the visitor who sprang it and nobody else', async (t) => {
  const gates = [];
  const slow = (req, res) => {
    gates.push(() => res.end(req.headers.cookie));
  };
  const { origin, config, close } = await served(document, slow);
  t.after(close);
  const people = await Promise.all(Array.from({ length: 50 }, (_, at) => forge(config, { sub: `user-${at}` }, { env })));
  const errors = t.mock.method(console, 'error', () => {});
  const spring = springs();
  for (let round = 0; round < 20; round += 1) {
    const answers = people.map((person) => send(`${origin}/page`, { headers: { cookie: person.header } }));
    while (gates.length < 50) await new Promise((resolve) => setTimeout(resolve, 1));
    // All are with the app: the instance dies, and the heads of 50 responses come back to the next one.
    spring.next('begin');
    const trapped = await send(`${origin}/page`, { headers: { cookie: people[0].header } });
    assert.equal(trapped.status, 503, 'who trapped gets the fail mode');
    for (const open of gates.splice(0)) open();
    const got = await Promise.all(answers);
    got.forEach((response, at) => {
      assert.equal(response.status, 200);
      assert.equal(response.text(), people[at].header, 'the own session, and nobody else\'s');
    });
  }
  assert.equal((await send(`${origin}/page`)).status, 401, 'the gate stands');
  assert.ok(errors.mock.callCount() >= 20);
});

test('a response whose judgement fails is replaced whole, however the app writes it', async (t) => {
  const body = 'HTTP/1.1 200 OK\r\nSet-Cookie: secret=1\r\n\r\nsecret';
  const ways = {
    end: (res) => res.end(body),
    write: (res) => (res.write(body), res.end()),
    writeHead: (res) => res.writeHead(200).end(body),
    flushHeaders: (res) => (res.flushHeaders(), res.end(body)),
    'two writes': (res) => (res.write('secret '), res.write(body), res.end('secret')),
  };
  t.mock.method(console, 'error', () => {});
  const spring = springs();
  for (const [name, write] of Object.entries(ways)) {
    const { origin, config, close } = await served(document, (req, res) => write(res));
    const ann = await forge(config, { sub: 'ann' }, { env });
    const ask = () => send(`${origin}/page`, { headers: { cookie: ann.header } });
    assert.match((await ask()).text(), /secret/, name);
    spring.next('head');
    const replaced = await ask();
    assert.deepEqual([replaced.status, replaced.headers.get('cache-control'), /secret/.test(replaced.text())], [503, 'private, no-store', false], name);
    assert.equal((await ask()).status, 200, `${name}: the next one`);
    close();
  }
});

test('a length that the app did not have to state is stated all the same', async (t) => {
  for (const [write, length] of [
    [(res) => res.end('eleven byte'), '11'],
    [(res) => res.end('\u00fc'), '2'],
    [(res) => res.end('fc', 'hex'), '1'],
    [(res) => res.end(Buffer.from('abc')), '3'],
    [(res) => res.end(), '0'],
    [(res) => res.end(() => {}), '0'],
    [(res) => res.setHeader('content-length', 4).end('four'), '4'],
    [(res) => Object.assign(res, { statusCode: 204 }).end(), null],
    [(res) => res.setHeader('trailer', 'x').end('abc'), null],
  ]) {
    const { origin, config, close } = await served(document, (req, res) => write(res));
    t.after(close);
    const ann = await forge(config, { sub: 'ann' }, { env });
    assert.equal((await send(`${origin}/page`, { headers: { cookie: ann.header } })).headers.get('content-length'), length, String(write));
  }
});

test('a target that is no path is refused, whatever stands in it', async (t) => {
  const { origin, close } = await served(document, (req, res) => res.end('the app'));
  t.after(close);
  const { port, host } = new URL(origin);
  for (const target of [`http://${host}/about`, 'http://x/dashboard', '*', '/about#/dashboard', `${host}:443`]) {
    const method = target === '*' ? 'OPTIONS' : 'GET';
    const socket = connect(port, '127.0.0.1');
    socket.end(`${method} ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    let text = '';
    for await (const chunk of socket) text += chunk;
    assert.match(text, /^HTTP\/1.1 400 /, target);
    assert.ok(!text.includes('the app'), target);
  }
});

test('a Host is a name and a port, or the request goes nowhere', async (t) => {
  const seen = [];
  const { origin, close } = await served(document, (req, res) => res.end(String(seen.push(req.url))));
  t.after(close);
  const { port } = new URL(origin);
  const raw = (lines) => new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(`GET /admin HTTP/1.1\r\n${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`));
    socket.on('data', (chunk) => (text += chunk)).on('error', reject).on('close', () => resolve(Number(text.split(' ')[1])));
  });
  const https = 'X-Forwarded-Proto: https';
  for (const host of [`localhost:${port}/about?`, `localhost:${port}/login?`, `localhost:${port}?`, `localhost:${port}#`, `localhost:${port}, x/about?`, `localhost:${port},/about?`, `a@localhost:${port}`, `localhost:${port}\\about`, 'localhost:', '/about?', '']) {
    for (const more of [[], [https], [`X-Forwarded-Host: localhost:${port}/about?`], [`X-Forwarded-Host: localhost:${port}`]]) {
      const status = await raw([`Host: ${host}`, ...more]);
      assert.ok(status >= 400 && status < 500, `${host} ${more}: ${status}`);
    }
  }
  assert.equal(await raw([`Host: localhost:${port}`]), 401);
  assert.deepEqual(seen, [], 'the app saw none of them');
});

test('what other middlewares say when the head is written is judged, too', async (t) => {
  // As `on-headers` does it, for express-session, compression and others.
  const late = (res, act) => {
    const { writeHead } = res;
    res.writeHead = function written(...given) {
      res.writeHead = writeHead;
      act();
      return writeHead.apply(this, given);
    };
  };
  const ways = { end: (res) => res.end('secret'), write: (res) => (res.write('sec'), res.end('ret')), flush: (res) => (res.flushHeaders(), res.end('secret')), head: (res) => res.writeHead(200).end('secret') };
  for (const [name, write] of Object.entries(ways)) {
    const { origin, config, close } = await served(document, (req, res) => {
      late(res, () => res.setHeader('cache-control', 'public, max-age=600').setHeader('cdn-cache-control', 'public, s-maxage=600'));
      write(res);
    });
    t.after(close);
    const ann = await forge(config, { sub: 'ann' }, { env });
    const answer = await send(`${origin}/page`, { headers: { cookie: ann.header } });
    assert.deepEqual([answer.status, answer.text(), /public/.test(answer.headers.get('cache-control')), answer.headers.get('cdn-cache-control')], [200, 'secret', false, null], name);
  }
});

test('the path that arrives is the path that is judged', async (t) => {
  const { origin, config, close } = await served(document, (req, res) => res.end(req.url));
  t.after(close);
  const ann = await forge(config, { sub: 'ann' }, { env });
  const get = (path, headers = {}) => send(`${origin}${path}`, { headers });
  for (const path of ['/about/../admin', '/about/./x', '/about/%2e%2e/admin', '/about/.%2E/admin', '/about\\..\\admin', '/about%5c..%5cadmin', '/%252e%252e/admin', '/about%00', '/%', '/%g0', '/%ff', '/%c0%ae/x']) {
    for (const headers of [{}, { cookie: ann.header }]) assert.equal((await get(path, headers)).status, 400, path);
  }
  for (const path of ['/projects/group%2Fname', '/@scope%2Fpkg?a=b%20c&d', '/files/a;v=2.pdf', '/proxy/https://x.example', "/it's(fine)!*", '/a%20b']) {
    const seen = await get(path, { cookie: ann.header });
    assert.deepEqual([seen.status, seen.text()], [200, path]);
  }
});

test('HTTP/2: who comes in, what the app sees, and no preflight with a body', async (t) => {
  const server = createTwo().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://localhost:${server.address().port}`;
  const config = document(origin);
  const gated = edgeward(config, { env, log: false });
  server.on('request', (req, res) => gated(req, res, () => res.end(JSON.stringify({ url: req.url, cookie: req.headers.cookie ?? null, spoofed: req.headers['x-edgeward-user'] ?? null }))));
  const client = connectTwo(`http://127.0.0.1:${server.address().port}`);
  t.after(() => {
    client.destroy();
    server.close();
  });
  const ann = await forge(config, { sub: 'ann' }, { env });
  const ask = (headers, body) => new Promise((resolve, reject) => {
    const stream = client.request({ ':authority': new URL(origin).host, ':path': '/dashboard', ...headers }, { endStream: body === undefined });
    const answer = { text: '' };
    stream.on('response', (fields) => Object.assign(answer, { status: fields[':status'], fields }));
    stream.setEncoding('utf8').on('data', (chunk) => (answer.text += chunk));
    stream.on('end', () => resolve(answer)).on('error', reject);
    if (body !== undefined) stream.end(body);
  });
  assert.equal((await ask(NAVIGATION)).fields.location, '/login?return_to=%2Fdashboard');
  const seen = await ask({ cookie: ann.header, 'x-edgeward-user': 'root' });
  assert.deepEqual([seen.status, JSON.parse(seen.text)], [200, { url: '/dashboard', cookie: ann.header, spoofed: null }]);
  assert.equal((await ask({ cookie: ann.header, host: 'evil.example' })).status, 400);
  assert.equal((await ask({ cookie: ann.header, ':authority': 'evil.example' })).status, 421);
  const preflight = { ':method': 'OPTIONS', origin: 'https://elsewhere.example', 'access-control-request-method': 'GET', cookie: ann.header };
  assert.deepEqual([(await ask(preflight)).status, (await ask(preflight, 'a body')).status], [200, 400]);
});

test('a next without a parameter never runs the app for an error', async () => {
  const gated = edgeward(document('http://localhost:1'), { env, log: false, clientAddress: () => { throw new Error('no address'); } });
  for (const [named, next, status] of [['one that takes an error', (res) => (error) => res.writeHead(error ? 500 : 200).end(), 500], ['one that takes none', (res) => () => res.end('the app'), 503]]) {
    const server = createServer((req, res) => gated(req, res, next(res))).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const response = await send(`http://localhost:${server.address().port}/dashboard`);
    assert.deepEqual([response.status, response.text()], [status, ''], named);
    server.close();
  }
});

test('an error before the app goes to the error handler, and a visitor who leaves costs nothing', async (t) => {
  const { origin, config, close } = await served(document, (req, res) => setTimeout(() => res.end('late'), 200));
  t.after(close);
  const ann = await forge(config, { sub: 'ann' }, { env });
  const left = send(`${origin}/page`, { headers: { cookie: ann.header } });
  const { request } = await import('node:http');
  const gone = request(`${origin.replace('localhost', '127.0.0.1')}/page`, { headers: { host: new URL(origin).host, cookie: ann.header } });
  gone.on('error', () => {});
  gone.end();
  setTimeout(() => gone.destroy(), 50);
  assert.equal((await left).text(), 'late');
});
