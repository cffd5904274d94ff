// Bodies stream in both directions, untouched and without being held, and end when either side ends.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import zlib from 'node:zlib';

import { dial, raw, until } from './support/client.mjs';
import { upstream } from './support/upstream.mjs';
import { build, workerd } from './support/workerd.mjs';

const MB = 1024 * 1024;
const BIG = 100 * MB;

let app;
let worker;
const ways = {};

before(async () => {
  const answer = async (request, response, body, entry) => {
    const way = new URL(request.url, 'http://a').searchParams.get('way') ?? request.url;
    if (ways[way]) return ways[way](request, response, body, entry);
    return response.end(await body());
  };
  app = await upstream(answer);
  app.server.on('upgrade', (request, socket) => {
    const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
    socket.on('error', () => {});
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: ${accept}\r\n\r\n`);
    // One short masked text frame comes in, the same without a mask goes out (RFC 6455 section 5.2).
    socket.on('data', (frame) => {
      if (frame[0] !== 0x81) return socket.end();
      const [length, mask, text] = [frame[1] & 0x7f, frame.subarray(2, 6), frame.subarray(6)];
      return socket.write(Buffer.from([0x81, length, ...text.map((byte, at) => byte ^ mask[at % 4])]));
    });
  });
  worker = await workerd(build('WORKER_TEST_DIR'), { TEST_ORIGIN: app.url, TEST_IDENTITY: app.url });
});

after(async () => {
  await worker?.stop();
  app?.stop();
});

for (const path of ['/public', '/app', '/tunnel']) {
  test(`${path}: the first bytes are there before the last are sent`, async () => {
    let finish;
    const read = new Promise((resolve) => (finish = resolve));
    ways.drip = async (request, response) => {
      response.write('first');
      await read;
      response.end('last');
    };
    const response = await fetch(`${worker.url}${path}/x?way=drip`);
    const reader = response.body.getReader();
    assert.equal(Buffer.from((await reader.read()).value).toString(), 'first');
    finish();
    assert.equal(Buffer.from((await reader.read()).value).toString(), 'last');
    assert.ok((await reader.read()).done);
  });

  test(`${path}: the first bytes go up before the last are there`, async () => {
    let arrived;
    const first = new Promise((resolve) => (arrived = resolve));
    ways.count = async (request, response) => {
      let text = '';
      for await (const chunk of request) {
        text += chunk;
        arrived();
      }
      response.end(text);
    };
    let sent = 0;
    const body = new ReadableStream({
      async pull(controller) {
        if (sent === 1) await first;
        controller.enqueue(Buffer.from(sent === 0 ? 'first' : 'last'));
        sent += 1;
        if (sent === 2) controller.close();
      },
    });
    const response = await fetch(`${worker.url}${path}/x?way=count`, { method: 'POST', body, duplex: 'half' });
    assert.equal(await response.text(), 'firstlast');
  });
}

test('100 MB down and 100 MB up, and memory stays flat', { timeout: 120_000 }, async () => {
  const chunk = Buffer.alloc(MB, 'x');
  ways.big = async (request, response) => {
    for (let left = BIG; left > 0; left -= MB) if (!response.write(chunk)) await new Promise((r) => response.once('drain', r));
    response.end();
  };
  ways.sink = async (request, response) => {
    let length = 0;
    for await (const part of request) length += part.length;
    response.end(String(length));
  };
  const peak = watch(worker.pid);
  await (await fetch(`${worker.url}/app/x`)).text();
  const before = await peak.now();
  let down = 0;
  for await (const part of (await fetch(`${worker.url}/app/x?way=big`)).body) down += part.length;
  assert.equal(down, BIG);
  let left = BIG;
  const body = new ReadableStream({
    pull(controller) {
      if (left === 0) return controller.close();
      left -= MB;
      return controller.enqueue(chunk);
    },
  });
  const up = await fetch(`${worker.url}/tunnel/x?way=sink`, { method: 'POST', body, duplex: 'half' });
  assert.equal(await up.text(), String(BIG));
  const grown = (await peak.stop()) - before;
  assert.ok(grown < 50, `workerd grew by ${grown} MB`);
});

const coded = [
  ['gzip', zlib.gzipSync],
  ['br', zlib.brotliCompressSync],
  ['deflate', zlib.deflateSync],
  ['zstd', (text) => Buffer.from(`not really ${text}`)],
];
for (const [coding, encode] of coded) {
  for (const path of ['/public', '/app', '/tunnel']) {
    test(`${path}: ${coding} passes as it came`, async () => {
      const bytes = encode('hello '.repeat(500));
      ways.coded = (request, response) => response.writeHead(200, { 'content-encoding': coding, 'content-length': bytes.length }).end(bytes);
      const answer = await raw(worker.port, `GET ${path}/x?way=coded HTTP/1.1\r\nhost: a\r\naccept-encoding: ${coding}\r\nconnection: close\r\n\r\n`);
      const [head, ...rest] = answer.split('\r\n\r\n');
      assert.match(head, new RegExp(`content-encoding: ${coding}`, 'i'));
      assert.match(head, new RegExp(`content-length: ${bytes.length}`, 'i'));
      assert.deepEqual(Buffer.from(rest.join('\r\n\r\n'), 'latin1'), bytes);
    });
  }
}

test('JSON that is read was decoded', async () => {
  for (const [coding, encode] of coded.slice(0, 2)) {
    ways.json = (request, response) =>
      response.writeHead(200, { 'content-encoding': coding, 'content-type': 'application/json' }).end(encode('{"a":"b"}'));
    const response = await fetch(`${worker.url}/tunnel/x?way=json`);
    assert.equal(await response.text(), '{"A":"B"}', coding);
  }
});

const broken = [
  ['a coding that nobody undoes', (request, response) => response.writeHead(200, { 'content-encoding': 'zstd', 'content-type': 'application/json' }).end('{}'), 'broken'],
  ['more than allowed', (request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(' '.repeat(65 * 1024)), 'too large'],
  ['a body that does not end', (request, response) => response.writeHead(200, { 'content-type': 'application/json' }).write('{'), 'timeout'],
  ['a body that breaks', async (request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 }).write('{');
    await sleep(50);
    response.destroy();
  }, 'broken'],
  ['no head', () => {}, 'timeout'],
  ['a connection that breaks', (request, response) => response.destroy(), 'unreachable'],
];
for (const [name, way, text] of broken) {
  test(`JSON to be rewritten, ${name}: ${text}`, async () => {
    ways.broken = way;
    const response = await fetch(`${worker.url}/tunnel/x?way=broken`);
    assert.equal(response.status, 502);
    assert.equal(await response.text(), text);
  });
}

test('a body that breaks while it streams is not taken for whole', async () => {
  ways.breaks = async (request, response) => {
    response.write('half');
    await sleep(50);
    response.destroy();
  };
  await assert.rejects(fetch(`${worker.url}/app/x?way=breaks`).then((response) => response.text()));
});

test('a body may take longer than a head', async () => {
  ways.slow = async (request, response) => {
    for (let left = 7; left > 0; left -= 1) {
      response.write('x');
      await sleep(400);
    }
    response.end();
  };
  const response = await fetch(`${worker.url}/app/x?way=slow`);
  assert.equal((await response.text()).length, 7);
});

// The fake's own clock for a head is 2 s, and for the whole 5 s.
for (const [pieces, what] of [[7, 'a head'], [15, 'the gate\'s own clock']]) {
  test(`an upload may take longer than ${what}`, async () => {
    let left = pieces;
    const body = new ReadableStream({
      async pull(controller) {
        await sleep(400);
        controller.enqueue(Buffer.from('x'));
        left -= 1;
        if (left === 0) controller.close();
      },
    });
    const response = await fetch(`${worker.url}/tunnel/x`, { method: 'POST', body, duplex: 'half' });
    assert.equal(await response.text(), 'x'.repeat(pieces));
  });
}

for (const pieces of [0, 1, 4]) {
  test(`an upload of unknown length that stands still after ${pieces} pieces is not waited for`, async () => {
    const begun = Date.now();
    const socket = await dial(worker.port, 'POST /tunnel/x HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n');
    let answer = '';
    socket.setEncoding('latin1').on('data', (chunk) => (answer += chunk));
    for (let sent = 0; sent < pieces; sent += 1) {
      await sleep(400);
      socket.write('1\r\nx\r\n');
    }
    await until(() => answer.endsWith('timeout'), 3_500);
    assert.match(answer, /^HTTP\/1.1 502 [^]*timeout/);
    assert.ok(Date.now() - begun > pieces * 400 + 1_900, 'not before its time');
    socket.destroy();
  });
}

for (const path of ['/public', '/app']) {
  test(`${path}: a WebSocket passes through`, async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${worker.port}${path}/socket`);
    const next = (name) => new Promise((resolve, reject) => {
      socket.addEventListener(name, resolve, { once: true });
      socket.addEventListener('error', reject, { once: true });
    });
    await next('open');
    socket.send('hi');
    assert.equal((await next('message')).data, 'hi');
    socket.close();
  });
}

const hangUps = [
  ['before the head', '/app', 'GET', () => {}],
  ['before the head, with a question beside', '/beside', 'GET', () => {}],
  ['in the tunnel, before the head', '/tunnel', 'GET', () => {}],
  ['while the body comes down', '/app', 'GET', (request, response) => {
    response.write('x');
    const timer = setInterval(() => response.write('x'), 50);
    response.on('close', () => clearInterval(timer));
  }],
  ['while the body goes up', '/tunnel', 'POST', async (request) => {
    for await (const _ of request) await sleep(1);
  }],
];
for (const [name, path, method, way] of hangUps) {
  test(`a visitor hangs up ${name}: the upstream is let go`, async () => {
    ways.left = (request, response, body, entry) => {
      request.socket.on('close', () => (entry.closed = true));
      return way(request, response);
    };
    // A question beside the response would keep the request alive: it gets no answer while the visitor is here.
    ways['/whoami'] = () => {};
    const before = app.seen.length;
    const upload = method === 'POST' ? 'content-length: 1000000\r\n' : '';
    const socket = await dial(worker.port, `${method} ${path}/x?way=left HTTP/1.1\r\nhost: a\r\n${upload}\r\n${upload && 'xxxx'}`);
    const entry = () => app.seen.slice(before).find((seen) => seen.url.includes('way=left'));
    await until(() => entry());
    await sleep(100);
    socket.resetAndDestroy();
    // The fake's own clock for a head is 2 s: this must not be that.
    await until(() => entry().closed, 1_500);
    delete ways['/whoami'];
  });
}

function watch(pid) {
  let peak = 0;
  const now = async () => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    const megabytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
    peak = Math.max(peak, megabytes);
    return megabytes;
  };
  const timer = setInterval(now, 50);
  return {
    now,
    stop: async () => {
      clearInterval(timer);
      await now();
      return peak;
    },
  };
}
