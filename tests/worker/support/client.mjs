// Clients that say exactly what they are told to, and hang up when they are told to.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A connection that `text` was sent on, byte for byte (Latin-1). */
export async function dial(port, text) {
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(Buffer.from(text, 'latin1'));
  return socket;
}

/** Everything that comes back until the connection ends, as Latin-1. */
export async function raw(port, text) {
  const socket = await dial(port, text);
  let answer = '';
  socket.setEncoding('latin1').on('data', (chunk) => (answer += chunk));
  await once(socket, 'close');
  return answer;
}

/** Waits until it holds, for at most `ms`. */
export async function until(holds, ms = 3_000) {
  for (const end = Date.now() + ms; Date.now() < end && !holds(); ) await sleep(20);
  assert.ok(holds(), `did not come to hold within ${ms} ms: ${holds}`);
}
