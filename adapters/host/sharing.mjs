// One call for several requests that ask the same (semantics 9.2). An optimisation: who waits in vain asks for itself.
//
// A promise of one request dies with that request unless its `waitUntil` holds it, and then it never settles. So the
// asker gives the call to its own `waitUntil`, everybody else waits by a clock of its own, and a slot is old by its birth,
// not by a callback that may never come.

/** How long others wait, and how old a slot may be to be waited for. */
const WAIT_MS = 1_000;
const SLOTS = 256;

const slots = new Map();

/**
 * The outcome of `ask`, or of another request's call for the same `id`; `undefined` when that did not come in time.
 *
 * Outcomes are plain data and say when the call that answered was asked.
 */
export async function shared(id, ctx, ask) {
  const now = Date.now();
  const slot = slots.get(id);
  if (slot && !slot.ended && now - slot.born < WAIT_MS) return waited(slot);
  const own = { born: now, ended: false };
  own.call = ask().then((outcome) => {
    own.ended = true;
    if (slots.get(id) === own) slots.delete(id);
    return { ...outcome, born: own.born };
  });
  slots.delete(id);
  if (slots.size >= SLOTS) slots.delete(slots.keys().next().value);
  slots.set(id, own);
  ctx.waitUntil(own.call);
  return own.call;
}

async function waited(slot) {
  let timer;
  const clock = new Promise((resolve) => {
    timer = setTimeout(resolve, WAIT_MS);
  });
  try {
    return await Promise.race([slot.call, clock]);
  } finally {
    clearTimeout(timer);
  }
}
