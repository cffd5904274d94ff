// The two forms of a frame (adapters/boundary). Text is a row of fields joined by NUL, which no field may contain: the
// count travels beside it, so that a frame with one smuggled in has no reading.

const HEADER_BYTES = 40;
const EMPTY = new Uint8Array(0);

const EFFECTS = new Set(['F', 'V', 'S', 'B']);

/** Whether a frame asks the host for something. */
export const asks = (frame) => EFFECTS.has(frame.kind);

/** Text for a call, with the number of its fields. */
export class Text {
  constructor(first) {
    this.text = first;
    this.fields = 1;
  }

  field(value) {
    this.text += `\0${value}`;
    this.fields += 1;
    return this;
  }

  /** Every header field, `Set-Cookie` each on its own. `forEach` is the cheapest way through them. */
  headers(headers) {
    let { text, fields } = this;
    headers.forEach((value, name) => {
      text += `\0${name}\0${value}`;
      fields += 2;
    });
    this.text = text;
    this.fields = fields;
    return this;
  }

  pairs(pairs) {
    for (const [name, value] of pairs) this.field(name).field(value);
    return this;
  }
}

/** One frame from an instance, copied out of its memory: the next call may overwrite it there. */
export class Frame {
  #fields;
  #at = 1;

  constructor(buffer, address, decoder) {
    const header = new DataView(buffer, address, HEADER_BYTES);
    const word = (at) => header.getUint32(at * 4, true);
    const text = address + HEADER_BYTES;
    const body = text + word(0);
    this.#fields = decoder.decode(new Uint8Array(buffer, text, word(0))).split('\0');
    this.body = word(1) === 0 ? EMPTY : new Uint8Array(buffer, body, word(1)).slice();
    this.name = { low: word(2), high: word(3) };
    this.beside = { low: word(4), high: word(5) };
    this.token = `${word(6)}.${word(7)}.${word(8)}.${word(9)}`;
    this.kind = this.#fields[0];
  }

  text() {
    return this.#fields[this.#at++];
  }

  number() {
    return Number(this.text());
  }

  flag() {
    return this.text() === '1';
  }

  list() {
    const count = this.number();
    this.#at += count;
    return this.#fields.slice(this.#at - count, this.#at);
  }

  pairs() {
    const count = this.number();
    const pairs = [];
    for (let left = count; left > 0; left -= 1) pairs.push([this.text(), this.text()]);
    return pairs;
  }
}

/** Whether a name names anything. */
export const waits = (name) => name.low !== 0 || name.high !== 0;
