// The gate of one config, driven as the run loop drives it, up to the decision.

import { link } from 'edgeward-glue';
import wasm from './edgeward.wasm';

import { perform } from '../../../adapters/host/effects.mjs';
import { Text } from '../../../adapters/host/frames.mjs';
import { Instance } from '../../../adapters/host/instance.mjs';

let generation = 0;

/** A fresh instance: nothing is remembered in it. */
export function made(env) {
  const instance = new Instance((generation += 1), link(wasm));
  const errors = instance.configure(new Text(''), (glue, _text, _fields, now) => glue.configure(env, now)).list();
  if (errors.length > 0) throw new Error(errors.join('\n'));
  return instance;
}

/** The head of a page view; `field` is what carries the session, `cookie` or `authorization`. */
export const head = (target, field, value) => {
  const text = new Text('GET').field(`https://app.example.com${target}`).field('').field('host').field('app.example.com');
  text.field('sec-fetch-mode').field('navigate').field('sec-fetch-dest').field('document');
  return text.field(field).field(value);
};

/** The decision's frame: synchronous unless the host has to be asked. */
export function decide(instance, text) {
  const frame = instance.begin(text);
  return asks(frame) ? asked(instance, frame) : frame;
}

/** Questions have capital letters. */
const asks = ({ kind }) => kind < 'a';

async function asked(instance, first) {
  let frame = first;
  while (asks(frame)) {
    const { name } = frame;
    frame = instance.resume(name, await perform(frame.text(), frame, { verifier: instance }, undefined));
  }
  return frame;
}

/** Lets go of what a decision to go on keeps for the response. */
export const dropped = (instance, frame) => {
  if (frame.kind === 'c') instance.forget(frame.name);
  return frame;
};
