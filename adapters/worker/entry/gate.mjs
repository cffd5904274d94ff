// The isolate's one living instance: made by the first request, replaced by the request after a trap.

import { keep, fail } from './fail.mjs';
import { Instance } from './instance.mjs';

/** A config that does not start is read again after this time; a new deployment is a new isolate anyway. */
const RETRY_MS = 10_000;

let generation = 0;
let current;

/**
 * The living instance, or what to answer without one.
 *
 * @returns {{ instance?: Instance, stallMs?: number, answer?: Response }}
 */
export function gate(request, env) {
  if (current?.instance.dead || Date.now() > current?.retryAt) current = undefined;
  try {
    current ??= made(env);
  } catch (error) {
    console.log(JSON.stringify({ code: 'gate.trapped', detail: 'the gate could not be built', cause: String(error.cause ?? error) }));
    return { answer: fail(request, 'gate.trapped') };
  }
  if (current.retryAt) return { answer: fail(request, 'config.invalid') };
  return current;
}

function made(env) {
  generation += 1;
  const instance = new Instance(generation);
  const frame = instance.configure(env);
  const [errors, stallMs] = [frame.list(), frame.number()];
  keep(frame);
  if (errors.length === 0) return { instance, stallMs };
  console.log(JSON.stringify({ code: 'config.invalid', errors }));
  return { instance, retryAt: Date.now() + RETRY_MS };
}
