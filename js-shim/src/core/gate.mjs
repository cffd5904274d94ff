// The gate of one config in this process: built by the first request, rebuilt by the request after a trap.

import { link } from 'edgeward-glue';
import { module } from '#wasm';

import { Text } from '../../../adapters/host/frames.mjs';
import { living } from '../../../adapters/host/gate.mjs';
import { Instance } from '../../../adapters/host/instance.mjs';
import { asked, handle } from '../../../adapters/host/loop.mjs';
import { namesOf, originsOf, publicUrl } from './address.mjs';
import { Onward } from './onward.mjs';
import { missing, processEnv, references, resolve } from './secrets.mjs';

const WORKERD = globalThis.navigator?.userAgent === 'Cloudflare-Workers';

export class Gate {
  #living;
  #host;
  #origins;
  #names;
  #env;
  #address;

  /**
   * @param config the document
   * @param shell `next` where the response cannot be seen, `inside` where it can
   * @param options `{ env, log, clientAddress, now }`, `now` for tests only
   */
  constructor(config, shell, { env, log, clientAddress, now } = {}) {
    if (typeof config !== 'object' || config === null) {
      throw new TypeError('edgeward: the first argument is the config document, an object; see https://github.com/edgeward/edgeward/blob/main/docs/config.md.');
    }
    const document = JSON.stringify(config);
    const names = references(config);
    this.#origins = originsOf(config);
    this.#names = namesOf(this.#origins);
    this.#env = env;
    this.#address = clientAddress ?? (() => '');
    const told = logger(log);
    this.#host = {
      log: told,
      refuse: (errors) => console.error(`edgeward: the config does not start a gate, every request is answered 500:\n${errors.map((error) => `  ${error}`).join('\n')}`),
      address: (request) => this.#address(request) || '',
      pass: (visit, decision, instance, frame) => new Onward(visit, decision, instance, frame),
      received: WORKERD ? undefined : decoded,
    };
    this.#living = living((generation, host) => {
      const instance = new Instance(generation, linked(), now);
      const text = new Text(shell).field(document).pairs(resolve(names, host.secrets));
      return [instance, instance.configure(text, (glue, bytes, fields, ms) => glue.configure(bytes, fields, ms))];
    });
    // A missing secret is known before anybody comes; Workers bring their secrets with the first request.
    const unset = env !== undefined || globalThis.process?.env ? missing(names, env ?? processEnv()) : undefined;
    if (unset !== undefined && !WORKERD) console.error(unset);
  }

  /** The URL that the visitor asked for. */
  url(url, headers) {
    return publicUrl(this.#origins, this.#names, url, headers);
  }

  /** The first public origin. */
  get origin() {
    return this.#origins[0] ?? 'http://localhost';
  }

  /**
   * A response of the gate's own, or an `Onward`.
   *
   * @param request `{ method, url, headers, body, signal }`, the URL as `url` gave it
   * @param context `{ waitUntil, env }`
   */
  decide(request, context) {
    return handle(this.#living, request, this.#hosted(context));
  }

  /** A question of the app's own: `session`, `seal`, `clear`. A response as data, with the event that tells why. */
  async ask(kind, data, { url, headers }, context) {
    let event = '';
    const host = { ...this.#hosted(context), log: (text) => (event = text) };
    const request = { method: 'GET', url, headers, body: null };
    const json = data === undefined ? '' : JSON.stringify(data);
    const question = (head) => {
      head.text = `${kind}\0${json}\0${head.text}`;
      head.fields += 2;
      return head;
    };
    const response = await asked(this.#living, request, host, question);
    if (response.answer) return { response: response.answer, errors: response.errors, event: JSON.parse(event || '{}') };
    return { response, event: JSON.parse(event || '{}') };
  }

  #hosted({ waitUntil, env } = {}) {
    const bindings = env ?? this.#env ?? processEnv();
    // Without a `waitUntil` the process lives on: what is under way just goes on.
    return { ...this.#host, env: bindings, secrets: bindings, ctx: { waitUntil: waitUntil ?? (() => {}) } };
  }
}

/** An instance of the module, or one sentence that says why there is none. */
function linked() {
  if (globalThis.WebAssembly === undefined) {
    throw new Error('edgeward: this runtime has no WebAssembly; run the gate in Node, Deno, workerd or an edge runtime.');
  }
  let compiled;
  try {
    compiled = module();
  } catch (cause) {
    throw new Error('edgeward: this runtime does not compile wasm from bytes; let the bundler resolve `edgeward` with the condition `edge-light` (Vercel, Next.js) or `workerd` (Cloudflare).', { cause: String(cause) });
  }
  // Compiled in another realm, it is no `WebAssembly.Module` of this one.
  if (typeof compiled !== 'object' || ['[object Object]', '[object Null]'].includes(Object.prototype.toString.call(compiled))) {
    throw new Error('edgeward: the import of `edgeward.wasm` gave no compiled module; a bundler replaced it. Keep `edgeward` out of its rules for wasm files.');
  }
  return link(compiled);
}

/** Codings that every client here undoes; of others the body stays as it was sent. */
const UNDONE = /^((gzip|x-gzip|deflate|br)(\s*,\s*|$))+$/i;

/** These clients decode a body that was sent in a content coding, and leave its fields as they were. */
function decoded(response) {
  if (!UNDONE.test(response.headers.get('content-encoding')?.trim() ?? '')) return response;
  const headers = new Headers(response.headers);
  headers.delete('content-encoding');
  headers.delete('content-length');
  const { status, statusText } = response;
  return new Response([101, 204, 205, 304].includes(status) ? null : response.body, { status, statusText, headers });
}

/** By default whoever was turned away is logged, and nobody who came in. */
function logger(log) {
  if (typeof log === 'function') return (event) => log(JSON.parse(event));
  if (log === false) return () => {};
  if (log === true) return (event) => console.log(event);
  return (event) => {
    if (!event.includes('"action":"continue"') && !event.includes('"action":"forward"')) console.log(event);
  };
}
