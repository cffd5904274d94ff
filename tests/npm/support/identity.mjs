// An identity server with the few answers that a shell is asked about; the real one is in `ory.test.mjs`.
import { once } from 'node:events';
import { createServer } from 'node:http';

export async function identity() {
  const asked = [];
  let last;
  const server = createServer((req, res) => {
    let bytes = 0;
    req.on('data', (chunk) => (bytes += chunk.length));
    req.on('end', () => {
      last = { url: req.url, cookie: req.headers.cookie, bytes };
      const json = (status, value) => res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
      if (!req.url.startsWith('/sessions/whoami')) return json(200, { ui: { action: `${url}/self-service/login?flow=1`, nodes: [] } });
      const token = req.headers.cookie?.replace('ory_kratos_session=', '') ?? '';
      asked.push(token);
      if (token.startsWith('ben')) return json(401, { error: { id: 'session_inactive', code: 401 } });
      return setTimeout(() => json(200, session(token)), token.startsWith('slow') ? 150 : 0);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    url,
    last: () => last,
    /** A cookie value of a possible form. */
    token: (name) => `${name}-${'MTcwMDAwMDAwMHxE'.repeat(6)}`,
    asked: (token) => (token === undefined ? asked : asked.filter((one) => one.startsWith(token))).length,
    close: () => server.close(),
    document: (origin) => ({
      public_origins: [origin],
      default: 'session',
      session: { format: 'edgeward', secrets: [{ env: 'SESSION_SECRET' }] },
      kratos: { url, claims: ['/traits/email'] },
      routes: [{ path: ['/about'], require: 'public' }, { path: '/now', require: { fresh_within: '0s' } }],
    }),
  };
}

function session(token) {
  const now = new Date();
  return {
    id: `00000000-0000-4000-8000-${token.length.toString().padStart(12, '0')}`, active: true, expires_at: new Date(now.getTime() + 3_600_000).toISOString(),
    authenticated_at: now.toISOString(), issued_at: now.toISOString(), authenticator_assurance_level: 'aal1', authentication_methods: [{ method: 'password' }],
    identity: { id: '11111111-1111-4111-8111-111111111111', state: 'active', schema_id: 'person', traits: { email: `${token.split('-')[0]}@example.com` }, metadata_public: null },
  };
}
