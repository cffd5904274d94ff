// Bodies that are read to their end, with a bound; all others stream untouched.

/** More than allowed. */
export class TooLarge extends Error {}

/** The bytes of a body, at most `max`; what is left is cancelled. */
export async function bytes(body, max) {
  if (body === null) return new Uint8Array(0);
  const reader = body.getReader();
  const chunks = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return joined(chunks, length);
    length += value.byteLength;
    if (length > max) {
      reader.cancel().catch(() => {});
      throw new TooLarge();
    }
    chunks.push(value);
  }
}

function joined(chunks, length) {
  if (chunks.length === 1) return chunks[0];
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}

/** Lets go of a body that nobody will read. */
export function cancel(response) {
  response?.body?.cancel().catch(() => {});
}

// What an upload may take beyond a head's own timeout: a slow line, not a line that stands still.
const BYTES_PER_MS = 32;
const UNKNOWN_MS = 15 * 60 * 1_000;

/** Milliseconds for the request's body to go up. */
export function uploadMs(request) {
  if (request.body === null) return 0;
  const length = Number(request.headers.get('content-length') ?? NaN);
  return Number.isNaN(length) ? UNKNOWN_MS : Math.min(length / BYTES_PER_MS, UNKNOWN_MS);
}
