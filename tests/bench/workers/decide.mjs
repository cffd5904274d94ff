// A decision without the run loop around it: nothing waits, nothing is recorded, nobody is told.

import { redirected, responded } from '../../../adapters/host/carry.mjs';
import { Text } from '../../../adapters/host/frames.mjs';
import { decide, dropped, made } from './ours.mjs';

let instance;
const VISIT = { host: { log: () => {} } };

export default {
  fetch(request, env) {
    instance ??= made(env);
    const text = new Text(request.method).field(request.url).field('').headers(request.headers);
    const frame = decide(instance, text);
    return frame instanceof Promise ? frame.then(answer) : answer(frame);
  },
};

function answer(frame) {
  if (frame.kind === 'r') return redirected(VISIT, frame);
  if (frame.kind === 'p') return responded(VISIT, frame);
  dropped(instance, frame);
  return new Response('ok');
}
