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
const LONGEST_MS = 15 * 60 * 1_000;
const PIECE = 64 * 1_024;

/** The request's body on its way up, and how much longer than a head alone that may take. */
export class Upload {
  #request;
  #unknown;
  #began = Date.now();
  #moved = 0;

  constructor(request) {
    this.#request = request;
    const length = Number(request.headers.get('content-length') ?? NaN);
    this.#unknown = Number.isNaN(length);
    /** Milliseconds for a length that is known. */
    this.ms = this.#unknown ? 0 : Math.min(length / BYTES_PER_MS, LONGEST_MS);
  }

  /** The body, to be taken once: a host may begin to read it here, so nobody else looks at it. */
  body() {
    const { body } = this.#request;
    if (body === null || !this.#unknown) return body;
    const { readable, writable } = new (globalThis.IdentityTransformStream ?? TransformStream)();
    this.#pass(body, writable.getWriter());
    return readable;
  }

  /** Passes a body on by hand, to see that it moves. */
  async #pass(body, writer) {
    // workerd has read a piece when it says so, and one buffer serves for all; elsewhere a piece is the reader's to keep.
    const reads = globalThis.IdentityTransformStream ? inPlace(body) : body.getReader();
    try {
      for (let read = await reads.read(); !read.done; read = await reads.read()) {
        this.#moved = Date.now();
        await writer.write(read.value);
      }
      await writer.close();
    } catch (error) {
      reads.cancel(error).catch(() => {});
      writer.abort(error).catch(() => {});
    }
  }

  /** When a clock of `ms` has run down: the milliseconds since the last bytes of unknown length that it did not count. */
  more(ms) {
    const now = Date.now();
    return now - this.#began < LONGEST_MS ? this.#moved + ms - now : 0;
  }
}

function inPlace(body) {
  const reader = body.getReader({ mode: 'byob' });
  let buffer = new ArrayBuffer(PIECE);
  const read = async () => {
    const { done, value } = await reader.read(new Uint8Array(buffer));
    if (!done) buffer = value.buffer;
    return { done, value };
  };
  return { read, cancel: (reason) => reader.cancel(reason) };
}
