// Opens many sessions within one request: `POST /load` brings them, `GET /run` goes through them once.

import opener from 'opener';

import { decide, dropped, head, made } from './ours.mjs';

let values = [];
let field;
let env;
let library;
let instance;

export default {
  fetch: (request) => answer(request).catch((error) => new Response(String(error.stack ?? error), { status: 500 })),
};

async function answer(request) {
  const { pathname, searchParams } = new URL(request.url);
  if (pathname === '/load') {
    ({ values, field, env } = await request.json());
    library = await opener(env);
  }
  // A new instance remembers nothing; making it is not part of what is measured.
  if (pathname === '/fresh') instance = made(env);
  if (pathname === '/run') await RUNS[searchParams.get('who')](searchParams.get('mode') === 'repeated');
  return new Response('');
}

const carried = (value) => (field === 'authorization' ? `Bearer ${value}` : value);

const RUNS = {
  /** The gate on a guarded page: who is not let in ends the run. */
  gate: (repeated) => decisions('/app', repeated),
  /** The same heads on a public page, where no session is looked for. */
  around: (repeated) => decisions('/public/a', repeated),
  async library(repeated) {
    for (let n = 0; n < values.length; n += 1) {
      if (!(await library(values[repeated ? 0 : n]))) throw new Error('the library does not open it');
    }
  },
};

async function decisions(target, repeated) {
  for (let n = 0; n < values.length; n += 1) {
    let frame = decide(instance, head(target, field, carried(values[repeated ? 0 : n])));
    if (frame instanceof Promise) frame = await frame;
    if (dropped(instance, frame).kind !== 'c') throw new Error(`the gate does not let it in: ${frame.text()} ${frame.text()} ${frame.text()}`);
  }
}
