// One request's way into wasm and out again, each piece many times within one request: `GET /?piece=…&times=…`. The heads are those of
// the request itself, so they are the runtime's own objects.

import { link } from 'edgeward-glue';
import wasm from './edgeward.wasm';

import { Frame, Text } from '../../../adapters/host/frames.mjs';
import { Instance } from '../../../adapters/host/instance.mjs';
import { random } from '../../../adapters/host/random.mjs';

const RANDOM_BYTES = 48;
const HEADER_BYTES = 40;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const plain = new Uint8Array(64 * 1024);
let instance;
let bare;
/** Where results go, so that nobody can leave the work out. */
let sink = 0;

export default {
  async fetch(request, env) {
    const { searchParams } = new URL(request.url);
    const [piece, times] = [searchParams.get('piece'), Number(searchParams.get('times'))];
    instance ??= whole(env);
    bare ??= parts(env);
    const made = PIECES[piece](request, text(request));
    for (let n = 0; n < times; n += 1) sink ^= made();
    return new Response(`${sink}`);
  },
};

/** As every host drives it. */
function whole(env) {
  const made = new Instance(1, link(wasm));
  const errors = made.configure(new Text(''), (glue, _text, _fields, now) => glue.configure(env, now)).list();
  if (errors.length > 0) throw new Error(errors.join('\n'));
  return made;
}

/** The same taken apart: exports and a view of their memory. */
function parts(env) {
  const { glue, exports } = link(wasm);
  exports.boot(1);
  const address = exports.reserve(plain.length) >>> 0;
  new Uint8Array(exports.memory.buffer, address, plain.length).set(random(RANDOM_BYTES));
  glue.configure(env, Date.now());
  return { exports, view: new Uint8Array(exports.memory.buffer, exports.reserve(plain.length) >>> 0, plain.length) };
}

const text = ({ method, url, headers }) => new Text(method).field(url).field('').headers(headers);

/** Each piece as a function of the request that makes the function to be repeated. */
const PIECES = {
  nothing: () => () => 1,
  clock: () => () => Date.now() & 1,
  line: (request) => () => request.method.length + request.url.length,
  walk: ({ headers }) => () => {
    let count = 0;
    headers.forEach(() => (count += 1));
    return count;
  },
  text: (request) => () => text(request).fields,
  random: () => () => {
    plain.set(random(RANDOM_BYTES));
    return 1;
  },
  // With the text made anew each time: it is a row of pieces until somebody reads it.
  encoded: (request) => () => encoder.encodeInto(text(request).text, plain.subarray(RANDOM_BYTES)).written,
  call: () => () => {
    bare.exports.forget(1, 1, 1);
    return 1;
  },
  begun: (_, made) => () => {
    const words = new DataView(bare.exports.memory.buffer, begin(made));
    bare.exports.forget(1, words.getUint32(8, true), words.getUint32(12, true));
    return 1;
  },
  decoded: (_, made) => {
    const read = written(made);
    return () => read().length;
  },
  split: (_, made) => {
    const frame = written(made)();
    return () => frame.split('\0').length;
  },
  frame: (_, made) => {
    const at = begin(made);
    return () => new Frame(bare.exports.memory.buffer, at, decoder).kind.length;
  },
  whole: (request) => () => {
    const frame = instance.begin(text(request));
    if (frame.kind !== 'c') throw new Error('a public page is not let through');
    instance.forget(frame.name);
    return 1;
  },
};

/** One decision; where its frame lies. */
function begin({ text, fields }) {
  const { exports, view } = bare;
  view.set(random(RANDOM_BYTES));
  // Once per text: the gate wipes the random bytes and leaves the text.
  if (bare.text !== text) [bare.text, bare.bytes] = [text, encoder.encodeInto(text, view.subarray(RANDOM_BYTES)).written];
  return exports.begin(bare.bytes, fields, Date.now()) >>> 0;
}

/** Reads the text of a decision's frame. */
function written(made) {
  const at = begin(made);
  const { memory } = bare.exports;
  const length = new DataView(memory.buffer, at).getUint32(0, true);
  return () => decoder.decode(new Uint8Array(memory.buffer, at + HEADER_BYTES, length));
}
