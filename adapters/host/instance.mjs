// One instance of the wasm module, with glue and memory of its own. Nothing of it is shared with the instance after it:
// what began in one never calls another (semantics 9.3).

import { Frame } from './frames.mjs';
import { random } from './random.mjs';

const RANDOM_BYTES = 48;
/** Room for an ordinary request head, so that most isolates reserve once. */
const ROOM = 32 * 1024;
const EMPTY = new Uint8Array(0);
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** This very call trapped: its request gets the fail mode. */
export class Trapped extends Error {}
/** The instance trapped in another request's call: begin anew in the next one. */
export class Stale extends Error {}

export class Instance {
  #exports;
  #glue;
  #view = EMPTY;
  #generation;
  #now;

  /**
   * @param linked `{ glue, exports }` of a new instance of the module
   * @param now the clock
   */
  constructor(generation, { glue, exports }, now = () => Date.now()) {
    this.#now = now;
    this.#glue = glue;
    this.#exports = exports;
    this.#generation = generation;
    this.dead = false;
    this.#call(() => exports.boot(generation));
  }

  /** Builds the gate from what the host brings; a frame with the errors and the fail-mode answers. */
  configure(head, call) {
    const bytes = this.#write(head.text, EMPTY);
    return this.#frame(() => call(this.#glue, bytes, head.fields, this.#now()));
  }

  begin(head) {
    const bytes = this.#write(head.text, EMPTY);
    return this.#frame(() => this.#exports.begin(bytes, head.fields, this.#now()));
  }

  /** A question of the app's own. */
  ask(head) {
    const bytes = this.#write(head.text, EMPTY);
    return this.#frame(() => this.#exports.ask(bytes, head.fields, this.#now()));
  }

  resume(name, answer) {
    const body = answer.body ?? EMPTY;
    const bytes = this.#write(answer.text, body);
    return this.#named(name, (...n) => this.#exports.resume(...n, bytes, answer.fields, body.length, this.#now()));
  }

  head(name, head) {
    const bytes = this.#write(head.text, EMPTY);
    return this.#named(name, (...n) => this.#exports.head(...n, bytes, head.fields, this.#now()));
  }

  failed(name, failure) {
    const bytes = this.#write(failure, EMPTY);
    return this.#named(name, (...n) => this.#exports.failed(...n, bytes, 1, this.#now()));
  }

  start(name) {
    this.#write('', EMPTY);
    return this.#named(name, (...n) => this.#exports.start(...n, this.#now()));
  }

  /** Whether this build checks signatures itself (`verify-in-wasm`). */
  get verifies() {
    return 'verify' in this.#exports;
  }

  verify(alg, jwk, split, body) {
    const text = `${alg}\0${jwk}\0${split}`;
    const bytes = this.#write(text, body);
    return this.#call(() => this.#exports.verify(bytes, 3, body.length, this.#now())) === 1;
  }

  /** Lets go of a name that nobody will come back for. */
  forget(name) {
    if (!this.dead) this.#call(() => this.#exports.forget(this.#generation, name.low, name.high));
  }

  #named(name, call) {
    return this.#frame(() => call(this.#generation, name.low, name.high));
  }

  #frame(call) {
    const address = this.#call(call) >>> 0;
    if (address === 0) throw this.#died('no gate');
    return new Frame(this.#exports.memory.buffer, address, decoder);
  }

  /** Any throw out of an export, a trap or an exhausted stack, leaves memory in an unknown state. */
  #call(call) {
    if (this.dead) throw new Stale();
    try {
      return call();
    } catch (error) {
      throw this.#died(error);
    }
  }

  #died(cause) {
    this.dead = true;
    // What the platform says of a trap; where a panic was, the instance said itself.
    console.error(`edgeward: instance ${this.#generation} is given up: ${cause}`);
    return new Trapped('the gate trapped', { cause });
  }

  /** Writes random bytes, text and body; returns the bytes of text. */
  #write(text, body) {
    if (this.dead) throw new Stale();
    // A character is at most three bytes of UTF-8.
    const room = RANDOM_BYTES + text.length * 3 + body.length;
    if (this.#view.length < room) {
      // Also after the memory has grown: an old view has no length then.
      const bytes = Math.max(room, ROOM);
      const address = this.#call(() => this.#exports.reserve(bytes)) >>> 0;
      if (address === 0) throw new RangeError('a call of this size has no room');
      this.#view = new Uint8Array(this.#exports.memory.buffer, address, bytes);
    }
    this.#view.set(random(RANDOM_BYTES));
    const { read, written } = encoder.encodeInto(text, this.#view.subarray(RANDOM_BYTES));
    if (read !== text.length) throw new RangeError('the text has no room');
    this.#view.set(body, RANDOM_BYTES + written);
    return written;
  }
}
