// The npm package in a JavaScript Worker, as its README has it; it answers where the app would.

import { createGate } from 'edgeward/fetch';

let gate;

export default {
  async fetch(request, env, ctx) {
    gate ??= createGate(env.EDGEWARD);
    const decision = await gate.decide(request, { env, waitUntil: (promise) => ctx.waitUntil(promise) });
    return decision.action === 'respond' ? decision.response : new Response('ok');
  },
};
