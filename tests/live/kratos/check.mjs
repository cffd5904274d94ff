// Proves that this folder gives a working identity server: builds nothing, starts the given Kratos and the mail sink on free
// ports of loopback, and walks through a life of an account over plain HTTP. No gate is involved.
//
//   node check.mjs <path to the kratos binary>
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { startKratos } from './start.mjs';

const PASSWORD = 'korrekt-horse-42';

/** A Kratos with its mail sink; `settings` are values for the template. */
async function world(binary, settings) {
  const origin = 'http://localhost:8787'; // nobody listens there: this check follows no redirect
  const kratos = await startKratos(binary, origin, settings);
  return { origin, admin: `${kratos.adminUrl}/admin`, stop: kratos.stop, mailTo: kratos.mailTo, visitor: () => new Visitor(kratos.url, origin) };
}

/** As much of a browser as Kratos needs: a cookie store of one host, no redirects followed. */
class Visitor {
  cookies = new Map();

  constructor(base, origin) {
    Object.assign(this, { base, origin });
  }

  async ask(url, form, accept = form ? 'text/html' : 'application/json') {
    const headers = { accept };
    if (this.cookies.size) headers.cookie = [...this.cookies].map((pair) => pair.join('=')).join('; ');
    if (form) headers['content-type'] = 'application/x-www-form-urlencoded';
    const response = await fetch(this.base + url.replace(this.origin, ''), {
      method: form ? 'POST' : 'GET', headers, body: form && new URLSearchParams(form), redirect: 'manual',
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (/; Max-Age=0/.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    const text = await response.text();
    const body = response.headers.get('content-type')?.startsWith('application/json') ? JSON.parse(text) : text;
    return { status: response.status, location: response.headers.get('location'), body };
  }

  async flow(kind, query = '') {
    const begun = await this.ask(`/self-service/${kind}/browser${query}`, undefined, 'text/html');
    assert.equal(begun.status, 303);
    assert.ok(begun.location.startsWith(`${this.origin}/${kind}?flow=`), `${begun.location} is the page of ${kind}`);
    return this.get(kind, begun.location);
  }

  async get(kind, location) {
    const id = new URL(location).searchParams.get('flow');
    return (await this.ask(`/self-service/${kind}/flows?id=${id}`)).body;
  }

  submit(flow, form) {
    const token = flow.ui.nodes.find((node) => node.attributes.name === 'csrf_token').attributes.value;
    return this.ask(flow.ui.action, { csrf_token: token, ...form });
  }

  whoami = () => this.ask('/sessions/whoami');
}

async function lifeOfAnAccount({ origin, admin, visitor, mailTo }) {
  const email = 'ann@example.com';
  const ann = visitor();
  let flow = await ann.flow('registration', `?return_to=${encodeURIComponent(`${origin}/dashboard/reports?tab=2`)}`);
  assert.ok(flow.ui.action.startsWith(`${origin}/self-service/`), 'actions name the public origin');

  // Two steps: who, then by what.
  let answer = await ann.submit(flow, { method: 'profile', 'traits.email': email, 'traits.name': 'Ann' });
  flow = await ann.get('registration', answer.location);
  answer = await ann.submit(flow, { method: 'password', 'traits.email': email, 'traits.name': 'Ann', password: 'short' });
  flow = await ann.get('registration', answer.location);
  const field = flow.ui.nodes.find((node) => node.attributes.name === 'password');
  assert.equal(field.messages[0].type, 'error', 'a weak password is refused at its field');
  answer = await ann.submit(flow, { method: 'password', 'traits.email': email, 'traits.name': 'Ann', password: PASSWORD });
  assert.equal(answer.location, `${origin}/dashboard/reports?tab=2`, 'registration ends at return_to');
  assert.ok(ann.cookies.has('ory_kratos_session'), 'registration signs in');
  assert.equal((await ann.whoami()).body.identity.traits.email, email);

  const mail = await mailTo(email);
  assert.match(mail.text, /^\d{6}$/m, 'the mail has a code');
  assert.ok(mail.text.includes(`${origin}/self-service/verification?code=`), 'mail links name the public origin');

  const logout = (await ann.ask('/self-service/logout/browser')).body.logout_url;
  assert.equal((await ann.ask(logout, undefined, 'text/html')).location, `${origin}/login`);
  assert.ok(!ann.cookies.has('ory_kratos_session'));
  assert.equal((await ann.whoami()).status, 401);

  answer = await ann.submit(await ann.flow('login'), { method: 'password', identifier: email, password: 'wrong' });
  assert.ok(answer.location.startsWith(`${origin}/login?flow=`), 'a wrong password ends at the form');
  assert.equal((await ann.whoami()).status, 401);
  await ann.submit(await ann.flow('login'), { method: 'password', identifier: email, password: PASSWORD });
  assert.equal((await ann.whoami()).status, 200);
  const away = await ann.ask('/self-service/settings/browser?return_to=https://evil.example/', undefined, 'text/html');
  assert.ok(away.location.startsWith(`${origin}/error?id=`), 'a foreign return_to ends at the error page');

  const identity = {
    schema_id: 'person',
    traits: { email: 'root@example.com', name: 'Root' },
    credentials: { password: { config: { password: PASSWORD } } },
    verifiable_addresses: [{ value: 'root@example.com', verified: true, via: 'email', status: 'completed' }],
    metadata_public: { roles: ['admin'] },
  };
  const made = await fetch(`${admin}/identities`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(identity),
  });
  assert.equal(made.status, 201);
  const root = visitor();
  await root.submit(await root.flow('login'), { method: 'password', identifier: 'root@example.com', password: PASSWORD });
  const { body } = await root.whoami();
  assert.deepEqual(body.identity.metadata_public, { roles: ['admin'] });
  assert.equal(body.identity.verifiable_addresses[0].verified, true);
}

async function recoveryByLink({ origin, visitor, mailTo, admin }) {
  const email = 'lost@example.com';
  await fetch(`${admin}/identities`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ schema_id: 'person', traits: { email } }),
  });
  const lost = visitor();
  await lost.submit(await lost.flow('recovery'), { method: 'link', email });
  const link = /http\S+token=\S+/.exec((await mailTo(email)).text)[0];
  assert.ok(link.startsWith(`${origin}/self-service/recovery?`), 'the link names the public origin');
  const answer = await lost.ask(link, undefined, 'text/html');
  assert.ok(answer.location.startsWith(`${origin}/settings?flow=`), 'recovery ends at the settings');
  assert.equal((await lost.whoami()).status, 200);

  // Older than privileged_session_max_age: a new password asks for a fresh sign-in first.
  await pause(1_200);
  const refused = await lost.submit(await lost.get('settings', answer.location), { method: 'password', password: PASSWORD });
  assert.ok(refused.location.startsWith(`${origin}/self-service/login/browser?refresh=true`), refused.location);
}

const binary = process.argv[2];
if (!binary) {
  process.stderr.write('usage: node check.mjs <path to the kratos binary>\n');
  process.exit(2);
}
const RUNS = [
  ['the life of an account', lifeOfAnAccount, {}],
  ['recovery by link, short privileged session', recoveryByLink, { MAIL_METHOD: 'link', PRIVILEGED_SESSION_MAX_AGE: '1s' }],
];
for (const [name, run, settings] of RUNS) {
  const started = Date.now();
  const place = await world(binary, settings);
  const ready = Date.now();
  try {
    await run(place);
  } finally {
    await place.stop();
  }
  console.log(`ok: ${name} (ready after ${ready - started} ms, done after ${Date.now() - ready} ms)`);
}
