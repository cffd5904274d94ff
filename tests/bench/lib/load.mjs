// A keep-alive load generator: raw sockets, one request at a time on each, the bytes made before.

import { once as event } from 'node:events';
import net from 'node:net';

const END = Buffer.from('\r\n\r\n');

/**
 * Sends requests for `ms` milliseconds over `connections` sockets.
 *
 * @param next the bytes of the next request
 * @param expected the status that every answer must have
 * @returns `{ requests, seconds, latencies }`, latencies in microseconds, sorted
 */
export async function load(port, next, { ms, connections = 16, expected }) {
  const latencies = [];
  const until = performance.now() + ms;
  const begun = performance.now();
  await Promise.all(Array.from({ length: connections }, () => one(port, next, () => performance.now() < until, expected, latencies)));
  const seconds = (performance.now() - begun) / 1000;
  latencies.sort((a, b) => a - b);
  return { requests: latencies.length, seconds, latencies };
}

/** Sends one request, and is there when its answer is. */
export async function once(port, bytes, expected) {
  let sent = false;
  const next = () => {
    sent = true;
    return bytes;
  };
  await one(port, next, () => !sent, expected, []);
}

async function one(port, next, more, expected, latencies) {
  const socket = net.connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  await event(socket, 'connect');
  await new Promise((resolve, reject) => {
    let sent = 0;
    let held = Buffer.alloc(0);
    const send = () => {
      if (!more()) return socket.destroy();
      sent = performance.now();
      return socket.write(next());
    };
    socket.on('data', (chunk) => {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const head = held.indexOf(END);
      if (head < 0) return;
      const text = held.toString('latin1', 0, head);
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      if (held.length < head + END.length + length) return;
      const status = Number(text.slice(9, 12));
      if (status !== expected) {
        reject(new Error(`answered ${status}, not ${expected}`));
        socket.destroy();
        return;
      }
      latencies.push((performance.now() - sent) * 1000);
      held = Buffer.alloc(0);
      send();
    });
    socket.on('error', reject).on('close', resolve);
    send();
  });
}

/** The bytes of a page view. */
export const view = (target, headers = []) =>
  Buffer.from(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\nAccept: text/html\r\nAccept-Language: en\r\nUser-Agent: bench\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
