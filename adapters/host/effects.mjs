// Carries out what the core asks for. An effect always comes to an end, and its answer is plain data.

import { TooLarge, bytes } from './bodies.mjs';
import { Text } from './frames.mjs';
import { fields } from './headers.mjs';
import { sign, verify } from './keys.mjs';
import { shared } from './sharing.mjs';
import { TimeUp, within } from './timer.mjs';

/**
 * Performs an effect. What waits for others has a clock of its own here; the platform's cryptography, which waits for nobody, has
 * the request's.
 *
 * @param id the effect's name, read from the frame
 * @param frame one of kind F, V, S, B
 * @param visit the request, with its `host`: `{ env, ctx }`
 * @param held the response whose body may be read
 * @returns an answer: its text, how many fields, its body; and what it says, `kind` and `value`
 */
export async function perform(id, frame, visit, held) {
  const asked = Date.now();
  const act = { F: fetched, V: verified, S: signed, B: read }[frame.kind];
  const { kind, value, headers = [], body, born = asked } = await act(frame, visit, id, held);
  const text = new Text(id).field(born).field(kind);
  if (value !== undefined) text.field(value);
  return { kind, value, text: text.pairs(headers).text, fields: text.fields, body };
}

const failed = (value) => ({ kind: 'f', value });

async function fetched(frame, { host: { env, ctx } }, id) {
  const [, method, url, binding] = [frame.text(), frame.text(), frame.text(), frame.text()];
  const [share, ms, max] = [frame.flag(), frame.number(), frame.number()];
  const body = frame.flag() ? frame.body : undefined;
  const init = { method, headers: fields(frame.pairs()), body, redirect: 'manual', cache: 'no-store' };
  const ask = () => roundTrip(target(env, binding), url, init, ms, max);
  return share ? ((await shared(id, ctx, ask)) ?? failed('not_shared')) : ask();
}

/** What to fetch through: a service binding, or the network. */
export function target(env, binding) {
  return binding === '' ? globalThis : env[binding];
}

async function roundTrip(through, url, init, ms, max) {
  let stage = 'unreachable';
  try {
    return await within(ms, async (signal) => {
      const response = await through.fetch(url, { ...init, signal });
      stage = 'broken';
      const body = await bytes(response.body, max);
      return { kind: 'r', value: response.status, headers: [...response.headers], body };
    });
  } catch (error) {
    return failed(reason(error, stage));
  }
}

/** Why there is no answer, in the core's words. */
export function reason(error, otherwise) {
  if (error instanceof TimeUp) return 'timeout';
  if (error instanceof TooLarge) return 'too_large';
  return otherwise;
}

/** Content codings that reading a body undoes. */
const DECODED = /^(identity|gzip|br)?$/i;

async function read(frame, visit, id, held) {
  const [max, ms] = [frame.number(), frame.number()];
  const coding = held.headers.get('content-encoding') ?? '';
  if (!DECODED.test(coding.trim())) return failed('broken');
  try {
    return { kind: 'b', body: await within(ms, () => bytes(held.body, max)) };
  } catch (error) {
    return failed(reason(error, 'broken'));
  }
}

async function verified(frame, { verifier }) {
  const [alg, key, jwk, split] = [frame.text(), frame.text(), frame.text(), frame.number()];
  if (verifier?.verifies) return { kind: 'v', value: verifier.verify(alg, jwk, split, frame.body) ? '1' : '0' };
  const [input, signature] = [frame.body.subarray(0, split), frame.body.subarray(split)];
  // Any failure is "false": an error here must not become a yes, nor a fault (semantics 10.1).
  const good = await verify(alg, key, jwk, input, signature).catch(() => false);
  return { kind: 'v', value: good === true ? '1' : '0' };
}

async function signed(frame) {
  const [alg, key, jwk] = [frame.text(), frame.text(), frame.text()];
  try {
    return { kind: 's', body: new Uint8Array(await sign(alg, key, jwk, frame.body)) };
  } catch {
    return failed('broken');
  }
}
