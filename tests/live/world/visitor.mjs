// A visitor without a browser: a cookie store and the JSON form of the self-service flows, all through the gate.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

import { ask } from './http.mjs';
import { NAVIGATION, ORIGIN, PORT } from './world.mjs';

export const PASSWORD = 'seven green Owls over the hill';

/** An address that nobody has yet. */
export const freshEmail = (name = 'ann') => `${name}-${randomUUID().slice(0, 12)}@example.com`;

export class Visitor {
  /**
   * @param {number} port the Worker to visit
   * @param {string} origin what it takes itself for: the world's public origin, at each Worker beside the world's
   */
  constructor(port = PORT, origin = ORIGIN) {
    Object.assign(this, { port, origin, host: new URL(origin).host, cookies: new Map() });
  }

  /** The `Cookie` field as this visitor's browser would send it. */
  cookie() {
    return [...this.cookies].map((pair) => pair.join('=')).join('; ');
  }

  /** A request as it stands. `cookie` replaces the store's. */
  async ask(target, { method = 'GET', headers = [], body, port = this.port, cookie = this.cookie(), keep = true } = {}) {
    const all = [['Host', this.host], ...(cookie ? [['Cookie', cookie]] : []), ...headers];
    const answer = await ask({ port, method, target, headers: all, body });
    if (keep) this.keep(answer.cookies);
    return answer;
  }

  /** Goes to a page. */
  page(target, options = {}) {
    return this.ask(target, { ...options, headers: [...NAVIGATION, ...(options.headers ?? [])] });
  }

  /** Asks as a program does. */
  api(target, options = {}) {
    return this.ask(target, { ...options, headers: [['Accept', 'application/json'], ...(options.headers ?? [])] });
  }

  keep(lines) {
    for (const line of lines) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (/;\s*max-age=(0|-\d+)/i.test(line) || /01 jan 1970/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }

  async flow(kind, query = '') {
    const begun = await this.api(`/self-service/${kind}/browser${query}`);
    assert.equal(begun.status, 200, `${kind} begins: ${begun.text}`);
    return begun.json;
  }

  async submit(flow, fields) {
    const csrf_token = flow.ui.nodes.find((node) => node.attributes.name === 'csrf_token').attributes.value;
    const action = new URL(flow.ui.action);
    assert.equal(action.origin, this.origin, 'a form goes to the gate');
    return this.api(action.pathname + action.search, {
      method: 'POST',
      headers: [['Content-Type', 'application/json'], ['Origin', this.origin]],
      body: JSON.stringify({ csrf_token, ...fields }),
    });
  }

  /** Creates an account and is signed in. */
  async register(email = freshEmail(), name = 'Ann') {
    this.email = email;
    const answer = await this.submit(await this.flow('registration'), { method: 'password', password: PASSWORD, traits: { email, name } });
    assert.equal(answer.status, 200, answer.text);
    this.identity = answer.json.identity.id;
    return this;
  }

  async login(email = this.email, password = PASSWORD) {
    const answer = await this.submit(await this.flow('login'), { method: 'password', identifier: email, password });
    assert.equal(answer.status, 200, answer.text);
    return this;
  }

  async logout() {
    const { logout_url } = (await this.api('/self-service/logout/browser')).json;
    const { pathname, search } = new URL(logout_url, this.origin);
    return this.page(pathname + search);
  }
}
