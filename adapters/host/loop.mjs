// The run loop: begin, perform what is asked, carry out what is decided, once more from the record after a trap.

import { Upload, cancel } from './bodies.mjs';
import { continued, exchanged, finished, redirected, responded } from './carry.mjs';
import { perform } from './effects.mjs';
import { fail } from './fail.mjs';
import { Text, asks, waits } from './frames.mjs';
import { Stale, Trapped } from './instance.mjs';
import { Gone, TimeUp, within } from './timer.mjs';

/** One request: what is recorded of it, so that it can be begun anew. */
class Visit {
  constructor(gate, request, host) {
    this.gate = gate;
    this.request = request;
    this.host = host;
    this.head = head(request, host.address(request));
    /** Answers of this attempt, and of the one before, by effect. */
    this.answers = new Map();
    this.before = new Map();
    /** What was sent on: its token and what came back. Sent once, never again. */
    this.sent = undefined;
    this.beside = false;
    /** Aborted when the time is up or the visitor has left. */
    this.end = undefined;
    this.upload = undefined;
  }
}

/**
 * From a request to the response.
 *
 * @param gate what `living` made
 * @param host `{ env, ctx, log, address(request) }`, and optionally:
 *   `pass(visit, decision, instance, frame)`, for a host inside the app, what it returns for a request that goes on to the app;
 *   `received(response)`, an upstream's response as its head really is
 */
export function handle(gate, request, host) {
  const { instance, stallMs, answer } = gate(request, host);
  if (answer) return answer;
  const visit = new Visit(gate, request, host);
  return decided(visit, instance, () => instance.begin(visit.head), stallMs);
}

/** The same for a question of the app's own, which a host puts in front of the head. */
export function asked(gate, request, host, question) {
  const { instance, stallMs, answer, errors } = gate(request, host);
  if (answer) return { answer, errors };
  const visit = new Visit(gate, request, host);
  visit.head = question(visit.head);
  visit.asks = true;
  return decided(visit, instance, () => instance.ask(visit.head), stallMs);
}

function decided(visit, instance, begin, stallMs) {
  try {
    const frame = begin();
    if (frame.kind === 'r') return redirected(visit, frame);
    if (frame.kind === 'p') return responded(visit, frame);
    if (frame.kind === 'c' && visit.host.pass) return passed(visit, instance, frame);
    return bounded(visit, instance, frame, stallMs);
  } catch (error) {
    return failed(visit, error);
  }
}

function head({ method, url, headers }, address) {
  return new Text(method).field(url).field(address).headers(headers);
}

async function bounded(visit, instance, frame, ms) {
  const { request } = visit;
  const upload = new Upload(request);
  visit.upload = upload;
  const run = (end) => {
    visit.end = end;
    return attempts(visit, instance, frame);
  };
  try {
    return await within(ms + upload.ms, run, request.signal, () => upload.more(ms));
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
  const next = visit.gate(visit.request, visit.host);
  return next.answer ?? attempt(visit, next.instance, visit.asks ? next.instance.ask(visit.head) : next.instance.begin(visit.head));
}

/** From the first frame to the response, in one instance. */
async function attempt(visit, instance, first) {
  const decided = await driven(visit, instance, first);
  if (decided.kind === 'r' || decided.kind === 'p') {
    if (visit.sent) throw new Trapped('another decision than before, and the request is gone');
    return decided.kind === 'r' ? redirected(visit, decided) : responded(visit, decided);
  }
  if (decided.kind !== 'c' && decided.kind !== 'f') throw refused(decided);
  if (visit.end.aborted) return left(visit, instance, decided.name);
  if (visit.host.pass && decided.kind === 'c') return passed(visit, instance, decided);
  if (waits(decided.beside)) beside(visit, instance, decided.beside);
  const exchange = await exchanged(visit, decided);
  if (visit.end.aborted) return left(visit, instance, decided.name);
  if (exchange.answer) return exchange.answer;
  const judged = exchange.failure
    ? instance.failed(decided.name, exchange.failure)
    : instance.head(decided.name, exchange.head);
  const final = await driven(visit, instance, judged, exchange.held);
  if (final.kind !== 'h') throw refused(final);
  return finished(visit, final, exchange.held);
}

/** On to the app that the host is inside of: nothing is waited for, so there is no clock. */
function passed(visit, instance, frame) {
  if (waits(frame.beside)) beside(visit, instance, frame.beside);
  return visit.host.pass(visit, continued(frame), instance, frame);
}

/** The answer went out without this: what still waits for it is let go. */
function left(visit, instance, name) {
  if (waits(name)) instance.forget(name);
  cancel(visit.sent?.held);
}

/** Performs effects until there is something else. What the attempt before has an answer to is not asked again. */
async function driven(visit, instance, first, held) {
  let frame = first;
  visit.verifier = instance;
  while (asks(frame)) {
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
  const { host } = visit;
  const question = { host, answers: new Map(), before: new Map() };
  const asked = driven(question, instance, instance.start(name)).then((end) => {
    const event = end.kind === 'd' ? end.text() : '';
    if (event !== '') host.log(event);
  });
  return host.ctx.waitUntil(asked.catch(() => {}));
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
  if (error instanceof TimeUp) return fail(visit.request, 'gate.stalled', visit.host.log);
  if (error.refusal?.startsWith('frame.')) return fail(visit.request, 'request.target', visit.host.log);
  return fail(visit.request, 'gate.trapped', visit.host.log);
}
