// Traps on demand in the wasm that ships: an export that throws as the platform throws, after the call has changed memory.

/** Wraps every instance that is linked from now on, those that stand already too late: call before the first request. */
export function springs() {
  return { next: (name) => armed.push(name) };
}

const armed = [];
const { Instance } = WebAssembly;

WebAssembly.Instance = new Proxy(Instance, {
  construct(target, given) {
    const instance = new target(...given);
    const exports = Object.fromEntries(Object.entries(instance.exports).map(([name, value]) => [name, typeof value === 'function' ? sprung(name, value) : value]));
    return { exports };
  },
});

function sprung(name, call) {
  return (...given) => {
    const result = call(...given);
    if (armed[0] !== name) return result;
    armed.shift();
    throw new WebAssembly.RuntimeError('unreachable');
  };
}
