// Carries out decisions: sends a request on, puts an answer together. Plain conversions.

import { cancel } from './bodies.mjs';
import { reason, target } from './effects.mjs';
import { fail } from './fail.mjs';
import { Text } from './frames.mjs';
import { fields, response, rewritten } from './headers.mjs';
import { Trapped } from './instance.mjs';
import { within } from './timer.mjs';

/** A redirect of the gate's own. */
export function redirected({ host }, frame) {
  const [status, location, event, pairs] = [frame.number(), frame.text(), frame.text(), frame.pairs()];
  host.log(event);
  pairs.push(['location', location]);
  return response(null, status, pairs);
}

/** An answer of the gate's own. */
export function responded({ host }, frame) {
  const [status, event, body, pairs] = [frame.number(), frame.text(), frame.text(), frame.pairs()];
  host.log(event);
  return response(body === 'b' ? frame.body : null, status, pairs);
}

/**
 * Sends the request on, unless that was done before, and reads what came back.
 *
 * @returns `{ answer }` where nothing more is to be said, else `{ failure }` or `{ held, head }` to be judged
 */
export async function exchanged(visit, frame) {
  const plan = frame.kind === 'c' ? onward(visit, frame) : upstream(visit, frame);
  if (visit.sent && visit.sent.token !== frame.token) throw new Trapped('decided otherwise, and the request is gone');
  visit.sent ??= { token: frame.token, ...(await send(visit, plan)) };
  const { failure, held } = visit.sent;
  if (plan.blind) return { answer: blind(visit, plan.blind, failure, held) };
  if (failure) return { failure };
  return { held, head: new Text(`${held.status}`).headers(held.headers) };
}

/** What a `Continue` says. */
export function continued(frame) {
  const [kind, to, withBody, noStore, ms] = [frame.text(), frame.text(), frame.flag(), frame.flag(), frame.number()];
  const [judged, event, append] = [frame.flag(), frame.text(), frame.pairs()];
  const blind = judged ? undefined : { event, append };
  return { kind, to, withBody, noStore, ms, blind, remove: frame.list(), set: frame.pairs() };
}

function onward({ request, host }, frame) {
  const { kind, to, withBody, noStore, ms, blind, remove, set } = continued(frame);
  const headers = new Headers(request.headers);
  for (const name of remove) headers.delete(name);
  for (const [name, value] of set) headers.set(name, value);
  const init = { method: request.method, headers, cf: request.cf };
  if (noStore) init.cache = 'no-store';
  const [url, through] = kind === 'u' ? [to, globalThis] : [request.url, host.env[to]];
  return { through, url, init, withBody, ms, exact: kind === 'u', blind };
}

function upstream({ host }, frame) {
  const [method, url, binding, withBody] = [frame.text(), frame.text(), frame.text(), frame.flag()];
  const ms = frame.number();
  const init = { method, headers: fields(frame.pairs()), cache: 'no-store' };
  return { through: target(host.env, binding), url, init, withBody, ms, exact: true };
}

async function send({ upload, end, host }, { through, url, init, withBody, ms, exact }) {
  // What is sent has to be what was judged, byte for byte (semantics 2.1).
  if (exact && new URL(url).href !== url) return { failure: 'target_changed' };
  const body = withBody ? upload.body() : null;
  const extra = body ? upload.ms : 0;
  try {
    const ask = (signal) => through.fetch(url, { ...init, body, redirect: 'manual', duplex: 'half', signal });
    const held = await within(ms + extra, ask, end, () => upload.more(ms));
    return { held: host.received?.(held) ?? held };
  } catch (error) {
    return { failure: reason(error, 'unreachable') };
  }
}

function blind({ request, host }, { event, append }, failure, held) {
  if (failure) return fail(request, failure === 'target_changed' ? 'request.target' : 'origin.unavailable', host.log);
  host.log(event);
  return append.length === 0 ? held : rewritten(held, held.status, [], append, held.body);
}

/** What the visitor gets: the held response with the gate's edits, or another in its place. */
export function finished({ host }, frame, held) {
  const [status, event, kind] = [frame.number(), frame.text(), frame.text()];
  const [removed, appended] = [frame.list(), frame.pairs()];
  host.log(event);
  const streams = kind === 's' || kind === 'u';
  if (!streams) cancel(held);
  else if (status === held.status && removed.length + appended.length === 0) return held;
  return rewritten(held, status, removed, appended, { s: held?.body, b: frame.body, n: null, u: null }[kind], kind === 'u');
}
