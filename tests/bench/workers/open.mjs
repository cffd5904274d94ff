// Opens many cookies within one request: `POST /load` brings them, `GET /run` goes through them once.

import { OPENERS } from './openers.mjs';
import { decide, dropped, head, made } from './ours.mjs';

let values = [];
let format;
let opener;
let instance;
let env;

export default {
  fetch: (request) => answer(request).catch((error) => new Response(String(error), { status: 500 })),
};

async function answer(request) {
  const { pathname, searchParams } = new URL(request.url);
  if (pathname === '/load') {
    ({ values, format, env } = await request.json());
    opener = await OPENERS[format](env);
  }
  // A new instance has an empty memo; making it is not part of what is measured.
  if (pathname === '/fresh') instance = made(env);
  if (pathname === '/run') await RUNS[searchParams.get('who')](searchParams.get('mode'));
  return new Response('');
}

const RUNS = {
  async ours(mode) {
    for (let n = 0; n < values.length; n += 1) {
      let frame = decide(instance, head('/app', values[mode === 'repeated' ? 0 : n]));
      if (frame instanceof Promise) frame = await frame;
      if (dropped(instance, frame).kind !== 'c') throw new Error(`${format}: not let in`);
    }
  },
  async library(mode) {
    for (let n = 0; n < values.length; n += 1) {
      if (!(await opener(values[mode === 'repeated' ? 0 : n]))) throw new Error(`${format}: not opened`);
    }
  },
  /** The decision around it: a public page, no cookie. */
  async boundary() {
    for (let n = 0; n < values.length; n += 1) dropped(instance, decide(instance, head('/public/a', undefined)));
  },
  async nothing() {
    for (let n = 0; n < values.length; n += 1) instance.forget({ low: 1, high: 1 });
  },
};
