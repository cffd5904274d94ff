// An authenticator app, and how a visitor without a browser enrols one.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';

/** The code that it shows (RFC 6238: SHA-1, six digits, 30 seconds); `later` in steps. */
export function totp(secret, later = 0) {
  const bits = [...secret.replace(/[\s=]/g, '')].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + later));
  const mac = createHmac('sha1', key).update(counter).digest();
  const number = mac.readUInt32BE(mac[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

/** Enrols one for a visitor; gives its secret. The session has two factors from then on. */
export async function enrolTotp(visitor) {
  const flow = await visitor.flow('settings');
  const secret = flow.ui.nodes.find((node) => node.attributes.id === 'totp_secret_key').attributes.text.text;
  const done = await visitor.submit(flow, { method: 'totp', totp_code: totp(secret) });
  assert.equal(done.status, 200, done.text);
  return secret;
}
