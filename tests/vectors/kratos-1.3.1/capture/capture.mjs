// Starts a real Kratos on loopback, walks through its flows and keeps the answers: heads in ../captures.json, bodies byte for
// byte in ../bodies/. Kratos is built from its Go module as tests/live/README.md says.
//
//   node capture.mjs <path to the kratos binary>
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { freePort } from '../../../support/port.mjs';

const HERE = new URL('./', import.meta.url);
const OUT = new URL('../', import.meta.url);
const PASSWORD = 'korrekt-horse-42';
const HOMEPAGE = 'https://id.upstream.example/kratos/self-service/login';
const exchanges = [];

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function kratos(binary, settings, walk) {
  const folder = mkdtempSync(join(tmpdir(), 'edgeward-capture-'));
  const [publicPort, adminPort] = [await freePort(), await freePort()];
  const values = { PUBLIC_PORT: publicPort, ADMIN_PORT: adminPort, LOGIN_LIFESPAN: '10m', PRIVILEGED: '15m', VERIFY_BY: 'code', ...settings };
  values.SCHEMA_URL = `file://${fileURLToPath(new URL('identity.schema.json', HERE))}`;
  let text = readFileSync(new URL('kratos.yml', HERE), 'utf8');
  for (const [name, value] of Object.entries(values)) text = text.replaceAll(name, value);
  const config = join(folder, 'kratos.yml');
  writeFileSync(config, text);
  const child = spawn(binary, ['serve', 'all', '--dev', '-c', config], { stdio: ['ignore', 'inherit', 'inherit'] });
  try {
    for (let tries = 0; ; tries += 1) {
      assert.ok(tries < 400, 'Kratos did not start');
      const ready = await fetch(`http://127.0.0.1:${adminPort}/admin/health/ready`).catch(() => undefined);
      if (ready?.status === 200) break;
      await pause(50);
    }
    await walk({ publicPort, admin: `http://127.0.0.1:${adminPort}/admin` });
  } finally {
    child.kill('SIGTERM');
    await new Promise((resolve) => child.once('close', resolve));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A browser without scruples: keeps every cookie, follows nothing. */
class Visitor {
  constructor(port) {
    this.port = port;
    this.cookies = new Map();
  }

  /** Asks, and keeps the exchange when it has a name. */
  async ask(name, method, path, { accept = 'application/json', json, form, cookies = this.cookies, more = {} } = {}) {
    const headers = { Accept: accept, Host: 'id.upstream.example', ...more };
    if (cookies.size) headers.Cookie = [...cookies].map(([n, v]) => `${n}=${v}`).join('; ');
    let body;
    if (json) [body, headers['Content-Type']] = [JSON.stringify(json), 'application/json'];
    if (form) [body, headers['Content-Type']] = [new URLSearchParams(form).toString(), 'application/x-www-form-urlencoded'];
    if (body) headers['Content-Length'] = Buffer.byteLength(body);
    const at = Math.floor(Date.now() / 1000);
    const answer = await new Promise((resolve, reject) => {
      const request = http.request({ host: '127.0.0.1', port: this.port, method, path, headers }, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk)).on('end', () => resolve({ response, body: Buffer.concat(chunks) }));
      });
      request.on('error', reject).end(body);
    });
    const { response } = answer;
    const fields = [];
    for (let n = 0; n < response.rawHeaders.length; n += 2) fields.push([response.rawHeaders[n], response.rawHeaders[n + 1]]);
    for (const line of response.headers['set-cookie'] ?? []) {
      const [, cookie, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (/; Max-Age=0/.test(line)) this.cookies.delete(cookie);
      else this.cookies.set(cookie, value);
    }
    if (name) {
      const file = answer.body.length ? `${name}.${/json/.test(response.headers['content-type']) ? 'json' : 'txt'}` : null;
      if (file) writeFileSync(new URL(`bodies/${file}`, OUT), answer.body);
      exchanges.push({ name, method, path, at, status: response.statusCode, headers: fields, body: file });
      console.log(name, response.statusCode);
    }
    const parsed = /json/.test(response.headers['content-type'] ?? '') && answer.body.length ? JSON.parse(answer.body) : undefined;
    return { status: response.statusCode, location: response.headers.location, body: parsed };
  }

  init = (kind, name, query = '') => this.ask(name, 'GET', `/self-service/${kind}/browser${query}`).then((a) => a.body);

  submit(name, flow, fields, accept) {
    const token = flow.ui.nodes.find((node) => node.attributes.name === 'csrf_token').attributes.value;
    const path = flow.ui.action.replace('https://id.upstream.example/kratos', '');
    const body = { csrf_token: token, ...fields };
    return accept ? this.ask(name, 'POST', path, { accept, form: body }) : this.ask(name, 'POST', path, { json: body });
  }

  /** Registers and is signed in. */
  async register(name, email) {
    const flow = await this.init('registration', undefined, '?return_to=https%3A%2F%2Fapp.example.com%2Freports');
    const answer = await this.submit(name, flow, {
      method: 'password', password: PASSWORD, traits: { email, homepage: HOMEPAGE, height: 1.50 },
    });
    assert.equal(answer.status, 200);
  }
}

function totp(secret) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret].map((c) => alphabet.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const digest = createHmac('sha1', key).update(counter).digest();
  const at = digest[19] & 15;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

async function flows({ publicPort, admin }) {
  const visitor = () => new Visitor(publicPort);
  let ann = visitor();
  await ann.ask('whoami-none', 'GET', '/sessions/whoami');
  const bad = new Map([['ory_kratos_session', 'MTc5NTIxMDc2N3xub3RhcmVhbHNlc3Npb25jb29raWVidXRvZnRoZXJpZ2h0c2hhcGU=']]);
  await ann.ask('whoami-bad-cookie', 'GET', '/sessions/whoami', { cookies: bad });
  await ann.ask('login-init-303', 'GET', '/self-service/login/browser?return_to=https%3A%2F%2Fapp.example.com%2Freports', { accept: 'text/html' });
  const back = '?return_to=https%3A%2F%2Fid.upstream.example%2Fkratos%2Fself-service%2Fsettings%2Fbrowser';
  let flow = await ann.init('login', 'login-flow', back);
  await ann.submit('login-wrong-password', flow, { method: 'password', identifier: 'nobody@example.com', password: 'wrong' });
  await ann.submit('login-wrong-password-303', flow, { method: 'password', identifier: 'nobody@example.com', password: 'wrong' }, 'text/html');
  await ann.submit('login-oidc-422', flow, { method: 'oidc', provider: 'github' });
  flow = await ann.init('login', undefined);
  await ann.submit('login-oidc-303', flow, { method: 'oidc', provider: 'github' }, 'text/html');
  await ann.ask('login-return-to-refused', 'GET', '/self-service/login/browser?return_to=https%3A%2F%2Fid.upstream.example%2Fother');
  await ann.ask('login-flow-missing', 'GET', '/self-service/login/flows?id=00000000-0000-4000-8000-000000000000');

  ann = visitor();
  flow = await ann.init('registration', 'registration-flow');
  await ann.submit('registration-weak-password', flow, {
    method: 'password', password: 'short', traits: { email: 'ann@example.com', homepage: HOMEPAGE },
  });
  await ann.register('registration-done', 'ann@example.com');
  await ann.ask('whoami-unverified', 'GET', '/sessions/whoami');
  await ann.ask('whoami-head', 'HEAD', '/sessions/whoami');
  await ann.ask('login-already', 'GET', '/self-service/login/browser');
  await ann.ask('sessions', 'GET', '/sessions');
  await ann.ask('schemas', 'GET', '/schemas');

  const mails = await (await fetch(`${admin}/courier/messages`)).json();
  const code = /\b(\d{6})\b/.exec(mails.find((m) => m.recipient === 'ann@example.com').body)[1];
  flow = await ann.init('verification', 'verification-flow');
  await ann.submit(undefined, flow, { method: 'code', email: 'ann@example.com' });
  const newest = await (await fetch(`${admin}/courier/messages`)).json();
  const codes = newest.filter((m) => m.recipient === 'ann@example.com').map((m) => /\b(\d{6})\b/.exec(m.body)?.[1]);
  await ann.submit('verification-wrong-code', flow, { method: 'code', code: '000000' });
  for (const candidate of [...codes, code]) {
    if ((await ann.ask(undefined, 'GET', '/sessions/whoami')).body.identity.verifiable_addresses[0].verified) break;
    await ann.submit('verification-done', flow, { method: 'code', code: candidate });
  }
  await ann.ask('whoami-verified', 'GET', '/sessions/whoami');

  flow = await ann.init('settings', 'settings-flow');
  await ann.submit('settings-profile', flow, { method: 'profile', traits: { email: 'ann@example.com', homepage: HOMEPAGE, height: 1.75 } });
  flow = await ann.init('settings', undefined);
  await ann.submit('settings-password-303', flow, { method: 'password', password: `${PASSWORD}-2` }, 'text/html');

  flow = await ann.init('logout', 'logout-init');
  const logout = flow.logout_url.replace('https://id.upstream.example/kratos', '');
  await ann.ask('logout-bad-token-303', 'GET', '/self-service/logout?token=ory_lo_wrong', { accept: 'text/html' });
  const failed = exchanges.at(-1).headers.find(([n]) => n === 'Location')[1];
  await ann.ask('error', 'GET', `/self-service/errors?id=${new URL(failed).searchParams.get('id')}`);
  await ann.ask('logout-303', 'GET', logout, { accept: 'text/html' });
  await ann.ask('logout-init-none', 'GET', '/self-service/logout/browser');

  const bob = visitor();
  await bob.register(undefined, 'bob@example.com');
  flow = await bob.init('logout', undefined);
  await bob.ask('logout-204', 'GET', flow.logout_url.replace('https://id.upstream.example/kratos', ''));

  const identity = {
    schema_id: 'person',
    traits: { email: 'root@example.com' },
    credentials: { password: { config: { password: PASSWORD } } },
    verifiable_addresses: [{ value: 'root@example.com', verified: true, via: 'email', status: 'completed' }],
    metadata_public: { roles: ['admin', 'ops'], site: HOMEPAGE },
    metadata_admin: { secret: 'not for whoami' },
  };
  const made = await fetch(`${admin}/identities`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(identity),
  });
  const root = visitor();
  flow = await root.init('login', undefined);
  await root.submit('login-done', flow, { method: 'password', identifier: 'root@example.com', password: PASSWORD });
  await root.ask('whoami-roles', 'GET', '/sessions/whoami');
  const { id } = await made.json();
  const lost = visitor();
  const link = await (await fetch(`${admin}/recovery/link`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ identity_id: id }),
  })).json();
  await lost.ask('recovery-link-303', 'GET', link.recovery_link.replace('https://id.upstream.example/kratos', ''), { accept: 'text/html' });
  flow = await lost.init('recovery', undefined);
  const other = visitor();
  flow = await other.init('recovery', 'recovery-flow');
  await other.submit('recovery-sent', flow, { method: 'link', email: 'root@example.com' });

  // As the gate asks: the public origin and the visitor's address.
  const more = { 'X-Forwarded-Host': 'app.example.com', 'X-Forwarded-Proto': 'https', 'X-Forwarded-For': '192.0.2.7', 'True-Client-IP': '192.0.2.7', 'CF-Connecting-IP': '198.51.100.1' };
  const far = visitor();
  flow = (await far.ask('login-flow-forwarded', 'GET', '/self-service/login/browser', { more })).body;
  const token = flow.ui.nodes.find((node) => node.attributes.name === 'csrf_token').attributes.value;
  await far.ask(undefined, 'POST', flow.ui.action.replace('https://id.upstream.example/kratos', ''), {
    more, json: { csrf_token: token, method: 'password', identifier: 'root@example.com', password: PASSWORD },
  });
  await far.ask('whoami-forwarded', 'GET', '/sessions/whoami');
  await far.ask('login-head', 'HEAD', '/self-service/login/browser');

  // The session is extended: whoami re-issues the cookie.
  const session = (await far.ask(undefined, 'GET', '/sessions/whoami')).body.id;
  assert.equal((await fetch(`${admin}/sessions/${session}/extend`, { method: 'PATCH' })).ok, true);
  await far.ask('whoami-extended', 'GET', '/sessions/whoami');
  // A fresh login moves `issued_at`, the session stays the same.
  await pause(1_100);
  flow = await far.init('login', undefined, '?refresh=true');
  await far.submit('login-refreshed', flow, { method: 'password', identifier: 'root@example.com', password: PASSWORD });
  await far.ask('whoami-refreshed', 'GET', '/sessions/whoami');

  // A second factor.
  const two = visitor();
  await two.register(undefined, 'two@example.com');
  flow = await two.init('settings', undefined);
  const secret = flow.ui.nodes.find((n) => n.attributes.id === 'totp_secret_key').attributes.text.text;
  await two.submit('settings-totp', flow, { method: 'totp', totp_code: totp(secret) });
  await two.ask('whoami-aal2', 'GET', '/sessions/whoami');
  const again = visitor();
  flow = await again.init('login', undefined, '?return_to=https%3A%2F%2Fapp.example.com%2Freports');
  await again.submit('login-aal2-422', flow, { method: 'password', identifier: 'two@example.com', password: PASSWORD });
  await again.ask('whoami-aal2-required', 'GET', '/sessions/whoami');
  await again.ask('settings-aal2-required', 'GET', '/self-service/settings/browser');
  await again.ask('settings-aal2-required-303', 'GET', '/self-service/settings/browser', { accept: 'text/html' });
  flow = await again.init('login', 'login-aal2-flow', '?aal=aal2');
  await again.submit('login-aal2-done', flow, { method: 'totp', totp_code: totp(secret) });
}

async function links({ publicPort, admin }) {
  const eve = new Visitor(publicPort);
  await eve.register(undefined, 'eve@example.com');
  const flow = await eve.init('verification', undefined);
  await eve.submit('verification-sent', flow, { method: 'link', email: 'eve@example.com' });
  const mails = await (await fetch(`${admin}/courier/messages`)).json();
  const link = mails.map((m) => /https:\S+token=\S+/.exec(m.body)?.[0]).find((found) => found);
  await eve.ask('verification-link-303', 'GET', link.replace('https://id.upstream.example/kratos', ''), { accept: 'text/html' });
  await eve.ask('verification-link-used-303', 'GET', link.replace('https://id.upstream.example/kratos', ''), { accept: 'text/html' });
}

async function old({ publicPort }) {
  const cy = new Visitor(publicPort);
  const expired = await cy.init('login', undefined);
  await cy.register(undefined, 'cy@example.com');
  const flow = await cy.init('settings', undefined);
  await pause(2_200);
  await cy.submit('settings-refresh-required', flow, { method: 'password', password: `${PASSWORD}-3` });
  await cy.submit('settings-refresh-required-303', flow, { method: 'password', password: `${PASSWORD}-3` }, 'text/html');
  const dee = new Visitor(publicPort);
  const mine = await dee.init('login', undefined);
  await pause(1_200);
  await dee.submit('login-expired', mine, { method: 'password', identifier: 'cy@example.com', password: PASSWORD });
  await dee.ask('login-flow-expired', 'GET', `/self-service/login/flows?id=${mine.id}`);
  assert.ok(expired.id);
}

mkdirSync(new URL('bodies/', OUT), { recursive: true });
await kratos(process.argv[2], {}, flows);
await kratos(process.argv[2], { VERIFY_BY: 'link' }, links);
await kratos(process.argv[2], { LOGIN_LIFESPAN: '1s', PRIVILEGED: '1s' }, old);
exchanges.sort((a, b) => (a.name < b.name ? -1 : 1));
writeFileSync(new URL('captures.json', OUT), `${JSON.stringify({ exchanges }, undefined, 1)}\n`);
