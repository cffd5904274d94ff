// Random bytes, drawn from the platform a few KB at a time. Never at module scope: workerd has none to give there.

const POOL_BYTES = 4_080;

let pool;
let at = POOL_BYTES;

/** The next `bytes` bytes, to be copied before anything else asks; used once. */
export function random(bytes) {
  if (at + bytes > POOL_BYTES) {
    pool = crypto.getRandomValues(pool ?? new Uint8Array(POOL_BYTES));
    at = 0;
  }
  at += bytes;
  return pool.subarray(at - bytes, at);
}

/** A request id for answers that no gate made: 16 hex digits. */
export function requestId() {
  return Array.from(random(8), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
