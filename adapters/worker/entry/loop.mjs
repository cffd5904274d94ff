// The run loop: begin, perform what is asked, carry out what is decided, once more from the record after a trap.

import { cancel, uploadMs } from './bodies.mjs';
import { exchanged, finished, redirected, responded } from './carry.mjs';
import { perform } from './effects.mjs';
import { fail } from './fail.mjs';
import { Text, waits } from './frames.mjs';
import { gate } from './gate.mjs';
import { Stale, Trapped } from './instance.mjs';
import { Gone, TimeUp, within } from './timer.mjs';

/** Kinds of frames that ask for something. */
const EFFECTS = new Set(['F', 'V', 'S', 'B']);

/** One request: what is recorded of it, so that it can be begun anew. */
class Visit {
  constructor(request, env, ctx) {
    this.request = request;
    this.env = env;
    this.ctx = ctx;
    this.head = head(request);
    /** Answers of this attempt, and of the one before, by effect. */
    this.answers = new Map();
    this.before = new Map();
    /** What was sent on: its token and what came back. Sent once, never again. */
    this.sent = undefined;
    this.beside = false;
    /** Aborted when the time is up or the visitor has left. */
    this.end = undefined;
  }
}

export function handle(request, env, ctx) {
  const { instance, stallMs, answer } = gate(request, env);
  if (answer) return answer;
  const visit = new Visit(request, env, ctx);
  try {
    const frame = instance.begin(visit.head);
    if (frame.kind === 'r') return redirected(frame);
    if (frame.kind === 'p') return responded(frame);
    return bounded(visit, instance, frame, stallMs);
  } catch (error) {
    return failed(visit, error);
  }
}

function head(request) {
  const { headers } = request;
  // The platform vouches for the address where it also vouches for the rest of what it knows of the request.
  const address = request.cf ? (headers.get('cf-connecting-ip') ?? '') : '';
  return new Text(request.method).field(request.url).field(address).headers(headers);
}

async function bounded(visit, instance, frame, ms) {
  const { request } = visit;
  const run = (end) => {
    visit.end = end;
    return attempts(visit, instance, frame);
  };
  try {
    return await within(ms + uploadMs(request), run, request.signal);
  } catch (error) {
    return failed(visit, error);
  }
}

async function attempts(visit, instance, frame) {
  try {
    return await attempt(visit, instance, frame);
  } catch (error) {
    if (!(error instanceof Stale)) throw error;
  }
  [visit.before, visit.answers] = [visit.answers, new Map()];
  const next = gate(visit.request, visit.env);
  return next.answer ?? attempt(visit, next.instance, next.instance.begin(visit.head));
}

/** From the first frame to the response, in one instance. */
async function attempt(visit, instance, first) {
  const decided = await driven(visit, instance, first);
  if (decided.kind === 'r' || decided.kind === 'p') {
    if (visit.sent) throw new Trapped('another decision than before, and the request is gone');
    return decided.kind === 'r' ? redirected(decided) : responded(decided);
  }
  if (decided.kind !== 'c' && decided.kind !== 'f') throw refused(decided);
  if (visit.end.aborted) return left(visit, instance, decided.name);
  if (waits(decided.beside)) beside(visit, instance, decided.beside);
  const exchange = await exchanged(visit, decided);
  if (visit.end.aborted) return left(visit, instance, decided.name);
  if (exchange.answer) return exchange.answer;
  const judged = exchange.failure
    ? instance.failed(decided.name, exchange.failure)
    : instance.head(decided.name, exchange.head);
  const final = await driven(visit, instance, judged, exchange.held);
  if (final.kind !== 'h') throw refused(final);
  return finished(final, exchange.held);
}

/** The answer went out without this: what still waits for it is let go. */
function left(visit, instance, name) {
  if (waits(name)) instance.forget(name);
  cancel(visit.sent?.held);
}

/** Performs effects until there is something else. What the attempt before has an answer to is not asked again. */
async function driven(visit, instance, first, held) {
  let frame = first;
  while (EFFECTS.has(frame.kind)) {
    const { name } = frame;
    if (visit.end?.aborted) {
      instance.forget(name);
      throw new Gone();
    }
    const id = frame.text();
    const answer = visit.before.get(id)?.shift() ?? (await perform(id, frame, visit, held));
    record(visit.answers, id, answer);
    frame = instance.resume(name, answer);
  }
  return frame;
}

function record(answers, id, answer) {
  // Another request's call that did not come is no answer to begin anew with.
  if (answer.value === 'not_shared') return;
  if (!answers.has(id)) answers.set(id, []);
  answers.get(id).push(answer);
}

/** The question beside the response: started once, driven where it may outlive the request, never begun anew. */
function beside(visit, instance, name) {
  if (visit.beside) return instance.forget(name);
  visit.beside = true;
  const { env, ctx } = visit;
  const question = { env, ctx, answers: new Map(), before: new Map() };
  const asked = driven(question, instance, instance.start(name)).then((end) => {
    const event = end.kind === 'd' ? end.text() : '';
    if (event !== '') console.log(event);
  });
  return ctx.waitUntil(asked.catch(() => {}));
}

function refused(frame) {
  const code = frame.kind === 'x' ? frame.text() : 'frame.unexpected';
  return Object.assign(new Error(code), { refusal: code });
}

/** The fail mode: nothing is forwarded, and what the request still holds is let go. */
function failed(visit, error) {
  cancel(visit.sent?.held);
  // Nobody reads this, and nothing was decided that a log should hold.
  if (error instanceof Gone) return new Response(null, { status: 499 });
  if (error instanceof TimeUp) return fail(visit.request, 'gate.stalled');
  if (error.refusal?.startsWith('frame.')) return fail(visit.request, 'request.target');
  return fail(visit.request, 'gate.trapped');
}
