// The gate as a JavaScript Worker would use it: decide, and answer here instead of going on to an app.

import { redirected, responded } from '../../../adapters/host/carry.mjs';
import { Text } from '../../../adapters/host/frames.mjs';
import { decide, dropped, made } from './ours.mjs';

let instance;
const VISIT = { host: { log: (event) => console.log(event) } };

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
