// An identity server with the few answers that a shell is asked about; the real one is in `ory.test.mjs`.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import { WORD } from './trap.mjs';

export async function identity() {
  const people = new Map();
  const posted = new Map();
  const asked = [];
  let last;
  const server = createServer(async (req, res) => {
    let [bytes, text] = [0, ''];
    for await (const chunk of req) {
      bytes += chunk.length;
      if (bytes < 100_000) text += chunk;
    }
    last = { url: req.url, cookie: req.headers.cookie, bytes };
    const token = /ory_kratos_session=([^;]+)/.exec(req.headers.cookie ?? '')?.[1];
    const person = people.get(token);
    res.setHeader('content-type', 'application/json');
    if (req.url === '/sessions/whoami') {
      asked.push(token);
      if (person?.trap) res.setHeader('x-trap', WORD);
      await sleep(person?.slow ?? Math.random() * 10);
      return person && !person.revoked ? res.end(JSON.stringify(session(person))) : res.writeHead(401).end('{"error":{"id":"session_inactive","code":401}}');
    }
    await sleep(Math.random() * 10);
    if (req.method === 'POST') posted.set(req.url, (posted.get(req.url) ?? 0) + 1);
    if (req.url.includes('trap=head')) res.setHeader('x-trap', WORD);
    if (person) res.setHeader('set-cookie', `ory_kratos_session=${token}; Path=/; HttpOnly`);
    return res.end(JSON.stringify({ session: { id: person?.id }, posted: text, ui: { action: `${url}/self-service/login?flow=1`, nodes: [] } }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    url,
    posted,
    last: () => last,
    /** How often whoami was asked, about anybody or about one. */
    asked: (who) => (who === undefined ? asked : asked.filter((token) => token === who.token)).length,
    /** Somebody whom it knows; `is` may say `slow` in milliseconds, `trap`, `revoked`, and any of it later. */
    visitor(is = {}) {
      const id = randomUUID();
      const token = Buffer.from(`1800000000|${id.padEnd(60, '-')}|signature`).toString('base64url');
      const person = Object.assign(is, { id, token, cookie: `ory_kratos_session=${token}` });
      people.set(token, person);
      return person;
    },
    /** Of a possible form, and nobody's. */
    stranger: () => `ory_kratos_session=${Buffer.from(`1800000000|${'-'.repeat(60)}|signature`).toString('base64url')}`,
    document: (origin) => ({
      public_origins: [origin],
      default: 'session',
      session: { format: 'edgeward', secrets: [{ env: 'SESSION_SECRET' }] },
      kratos: { url, claims: ['/traits/email'] },
      routes: [
        { path: ['/about', '/robots.txt'], require: 'public' },
        { path: '/now', require: { fresh_within: '0s' } },
        { path: '/soon', require: { fresh_within: '1s' } },
      ],
    }),
    close: () => server.close(),
  };
}

function session({ id }) {
  const now = new Date();
  return {
    id, active: true, expires_at: new Date(now.getTime() + 86_400_000).toISOString(), authenticated_at: now.toISOString(), issued_at: now.toISOString(),
    authenticator_assurance_level: 'aal1', authentication_methods: [{ method: 'password', aal: 'aal1' }],
    identity: { id, schema_id: 'default', state: 'active', traits: { email: `${id}@example.com` }, metadata_public: null },
  };
}
