// Requests as bytes on a socket of their own, many at a time.

import { connect } from 'node:net';

const PATIENCE_MS = 20_000;
const AT_ONCE = 16;

/** The bytes of a request without a body, in Latin-1; `fields` are whole lines. */
export const bytes = (method, target, fields) => `${method} ${target} HTTP/1.1\r\n${[...fields, 'Connection: close'].join('\r\n')}\r\n\r\n`;

/** Sends them, gives all that comes back, in Latin-1. */
export function send(port, text) {
  return new Promise((resolve) => {
    const socket = connect(Number(port), '127.0.0.1');
    const parts = [];
    socket.setTimeout(PATIENCE_MS, () => socket.destroy());
    socket.on('data', (part) => parts.push(part));
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(parts).toString('latin1')));
    socket.on('connect', () => socket.write(Buffer.from(text, 'latin1')));
  });
}

/** The page that an answer serves: every page of `pages.mjs` says its name. */
export const served = (answer) => answer.match(/PAGE (\S+) /)?.[1];

/** The page that a port serves at a target. */
export const page = async (port, target) => served(await send(port, bytes('GET', target, [`Host: localhost:${port}`])));

/** `act` of every item, several at a time, in the items' order. */
export async function each(items, act) {
  const results = new Array(items.length);
  let next = 0;
  const work = async () => {
    while (next < items.length) {
      const at = next++;
      results[at] = await act(items[at]);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return results;
}
