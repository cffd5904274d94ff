// A gate's one living instance in this isolate: made by the first request, replaced by the request after a trap.

import { keep, fail } from './fail.mjs';

/** A config that does not start is read again after this time; a new deployment is a new isolate anyway. */
const RETRY_MS = 10_000;

let generation = 0;
/**
 * A gate. `make(generation, host)` gives a new instance and the frame of its configuration.
 *
 * What it returns gives the living instance, or what to answer without one:
 * `(request, host) => { instance?, stallMs?, answer?, errors? }`.
 */
export function living(make) {
  let current;
  return (request, host) => {
    if (current?.instance.dead || Date.now() > current?.retryAt) current = undefined;
    try {
      current ??= made(make, host);
    } catch (error) {
      console.error(JSON.stringify({ code: 'gate.trapped', detail: 'the gate could not be built', cause: [error.message, error.cause].filter(Boolean).join(': ') }));
      return { answer: fail(request, 'gate.trapped', host.log) };
    }
    if (current.retryAt) return { answer: fail(request, 'config.invalid', host.log), errors: current.errors };
    return current;
  };
}

function made(make, host) {
  generation += 1;
  const [instance, frame] = make(generation, host);
  const [errors, stallMs] = [frame.list(), frame.number()];
  keep(frame);
  if (errors.length === 0) return { instance, stallMs };
  (host.refuse ?? refuse)(errors);
  return { instance, errors, retryAt: Date.now() + RETRY_MS };
}

const refuse = (errors) => console.log(JSON.stringify({ code: 'config.invalid', errors }));
