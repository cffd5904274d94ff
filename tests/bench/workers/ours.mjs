// The gate of one config, driven as the Worker's run loop drives it, up to the decision.

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

export const head = (target, cookie) => {
  const text = new Text('GET').field(`http://localhost${target}`).field('').field('host').field('localhost');
  text.field('sec-fetch-mode').field('navigate').field('sec-fetch-dest').field('document');
  return cookie === undefined ? text : text.field('cookie').field(cookie);
};

/** The decision's frame: synchronous unless the host has to be asked. */
export function decide(instance, text) {
  const frame = instance.begin(text);
  return frame.kind === 'V' ? asked(instance, frame) : frame;
}

async function asked(instance, first) {
  let frame = first;
  while (frame.kind === 'V') {
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
