// A request that goes on to the app: what the app is to see of it, and what is still to be said about the response.

import { Text, asks } from '../../../adapters/host/frames.mjs';
import { rewritten } from '../../../adapters/host/headers.mjs';
import { Stale } from '../../../adapters/host/instance.mjs';
import { fail } from '../../../adapters/host/fail.mjs';

export class Onward {
  #visit;
  #instance;
  #frame;
  #blind;
  #done = false;

  constructor(visit, { remove, set, withBody, blind }, instance, frame) {
    this.#visit = visit;
    this.#instance = instance;
    this.#frame = frame;
    this.#blind = blind;
    /** Names of request fields that the app must not see. */
    this.remove = remove;
    /** Request fields that the app sees. */
    this.set = set;
    /** Whether the app may see the body. */
    this.withBody = withBody;
  }

  /** The request's fields as the app is to see them. */
  edited(headers) {
    const edited = new Headers(headers);
    for (const name of this.remove) edited.delete(name);
    for (const [name, value] of this.set) edited.set(name, value);
    return edited;
  }

  /** Whether this is a preflight with a body, which the app must not see (semantics 1.10). HTTP/2 `streams` one without a field that says so. */
  isLoaded(method, headers, streams = false) {
    if (this.withBody || method !== 'OPTIONS') return false;
    return streams || headers.has('transfer-encoding') || Number(headers.get('content-length') ?? 0) > 0;
  }

  /** In its place, in a shell that cannot take the body out. */
  refused() {
    const response = new Response(null, { status: 400, headers: { 'cache-control': 'private, no-store' } });
    return edited(response, this.finish(response.status, response.headers));
  }

  /**
   * The edits of the response head: `{ status, remove, append }`, or `{ failure }`, a response in its place. Once.
   */
  finish(status, headers) {
    if (this.#done) return { status, remove: [], append: [] };
    this.#done = true;
    const { host, request } = this.#visit;
    if (this.#blind) {
      host.log(this.#blind.event);
      return { status, remove: [], append: this.#blind.append };
    }
    const head = new Text(`${status}`).headers(headers);
    try {
      return this.#said(this.#head(head));
    } catch {
      return { failure: fail(request, 'gate.trapped', host.log) };
    }
  }

  #head(head) {
    try {
      return this.#instance.head(this.#frame.name, head);
    } catch (error) {
      if (!(error instanceof Stale)) throw error;
      return this.#anew(head);
    }
  }

  // The instance died in another request's call. The head comes once more, in the next instance: begun anew from what is
  // recorded, and used only where the decision is the one that was carried out.
  #anew(head) {
    const visit = this.#visit;
    const { instance } = visit.gate(visit.request, visit.host);
    if (!instance) throw new Error('no gate');
    let frame = instance.begin(visit.head);
    while (asks(frame)) {
      const answer = visit.answers.get(frame.text())?.shift();
      if (!answer) throw new Error('a question that was not asked before');
      frame = instance.resume(frame.name, answer);
    }
    if (frame.kind !== 'c' || frame.token !== this.#frame.token) throw new Error('decided otherwise');
    return instance.head(frame.name, head);
  }

  #said(frame) {
    if (frame.kind !== 'h') throw new Error('a frame of another kind');
    const [status, event] = [frame.number(), frame.text()];
    frame.text();
    const [remove, append] = [frame.list(), frame.pairs()];
    this.#visit.host.log(event);
    return { status, remove, append };
  }
}

/** A response with the gate's edits. */
export function edited(response, { status, remove, append, failure }) {
  if (failure) {
    response.body?.cancel().catch(() => {});
    return failure;
  }
  if (status === response.status && remove.length + append.length === 0) return response;
  return rewritten(response, status, remove, append, response.body, Boolean(response.webSocket));
}
