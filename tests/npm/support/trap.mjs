// Traps on demand in the wasm that ships: an export throws as the platform throws, after the call has changed memory. Nothing of
// the package knows of this file, and it needs nothing of any runtime: import it before the gate.

/** Whoever gets this word to the gate, in a field or a body, springs a trap in the call that reads it. */
export const WORD = 'edgeward-test-trap';

/** What is said of a call that must never be made: what began in one instance, or begins after its trap, calls the next one. */
export const CALLED = 'edgeward-test: an instance was called after its trap';

/** Traps at the next call of an export by its name, whatever it reads. */
export function springs() {
  return { next: (name) => armed.push(name) };
}

const armed = [];
/** Exports that read text, and where among their arguments its length stands. */
const TEXT_AT = { begin: 0, ask: 0, resume: 3, head: 3, failed: 3 };
/** Where among those of `resume` the length of the body stands. */
const BODY_AT = 5;
/** In front of the text. */
const RANDOM_BYTES = 48;
const { Instance } = WebAssembly;

WebAssembly.Instance = new Proxy(Instance, {
  construct(target, given) {
    const { exports } = new target(...given);
    const state = { memory: exports.memory, room: 0, dead: false };
    const wrapped = Object.entries(exports).map(([name, value]) => [name, typeof value === 'function' ? sprung(state, name, value) : value]);
    return { exports: Object.fromEntries(wrapped) };
  },
});

function sprung(state, name, call) {
  return (...given) => {
    if (state.dead && name in TEXT_AT) console.error(CALLED);
    const springs = armed[0] === name ? armed.shift() : reads(state, name, given);
    const result = call(...given);
    if (name === 'boot' || name === 'reserve') state.room = result >>> 0;
    if (!springs) return result;
    state.dead = true;
    throw new WebAssembly.RuntimeError('unreachable');
  };
}

function reads({ memory, room }, name, given) {
  if (!(name in TEXT_AT)) return false;
  const length = RANDOM_BYTES + given[TEXT_AT[name]] + (name === 'resume' ? given[BODY_AT] : 0);
  return new TextDecoder().decode(new Uint8Array(memory.buffer, room, length)).includes(WORD);
}
