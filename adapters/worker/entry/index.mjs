// The Worker's entry: bindings, requests and clocks in; what the gate decides out. No decision is made here.

import { link } from 'edgeward-glue';
import wasm from './edgeward.wasm';

import { Text } from '../../host/frames.mjs';
import { living } from '../../host/gate.mjs';
import { Instance } from '../../host/instance.mjs';
import { handle } from '../../host/loop.mjs';

const log = (event) => console.log(event);

/** The platform vouches for the address where it also vouches for the rest of what it knows of the request. */
const address = (request) => (request.cf ? (request.headers.get('cf-connecting-ip') ?? '') : '');

const gate = living((generation, { env }) => {
  const instance = new Instance(generation, link(wasm));
  return [instance, instance.configure(new Text(''), (glue, _text, _fields, now) => glue.configure(env, now))];
});

export default {
  fetch: (request, env, ctx) => handle(gate, request, { env, ctx, log, address }),
};
