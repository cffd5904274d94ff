// A real OpenID Provider on loopback, the certified `oidc-provider`, with one client and a sign-in page that asks for a name. Its
// own development pages would fetch fonts from elsewhere.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const { default: Provider } = await import(pathToFileURL(createRequire(import.meta.url).resolve('oidc-provider')));

const SECRET = 'known-to-everybody-who-reads-this-file';

const PAGE = `<!doctype html><title>Sign in</title><form method="post"><label>Name <input name="login" autofocus></label>
<button>Continue</button></form><form method="post"><button>Cancel</button></form>`;

/**
 * Starts it.
 *
 * @param {(issuer: string) => string[]} redirects the client's redirect URIs
 * @returns `issuer`, `host`, `client` (id and secret), `seen` (path of every request), `stop`
 */
export async function startProvider(redirects) {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const client = { client_id: 'kratos', client_secret: SECRET };
  const warn = console.warn;
  // It warns about its own defaults, which are what a test wants.
  console.warn = console.info = () => {};
  const provider = new Provider(issuer, {
    clients: [{ ...client, redirect_uris: redirects(issuer), grant_types: ['authorization_code'], response_types: ['code'] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    conformIdTokenClaims: false,
    pkce: { required: () => false },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, email: id, email_verified: true, name: 'Olga of the Provider' }) }),
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    // Nobody is asked what Kratos may know.
    async loadExistingGrant({ oidc }) {
      const grant = new provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
    cookies: { keys: [SECRET] },
  });
  console.warn = warn;
  const seen = [];
  const answer = provider.callback();
  server.on('request', async (request, response) => {
    seen.push(`${request.method} ${request.url.split('?')[0]}`);
    if (request.url === '/favicon.ico') response.writeHead(204).end();
    else if (!request.url.startsWith('/interaction/')) answer(request, response);
    else if (request.method === 'GET') response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE);
    else {
      let body = '';
      for await (const chunk of request) body += chunk;
      const name = new URLSearchParams(body).get('login');
      const result = name ? { login: { accountId: name } } : { error: 'access_denied', error_description: 'the person said no' };
      await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
    }
  });
  return {
    issuer,
    host: new URL(issuer).host,
    client,
    seen,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The entry of this provider in Kratos' list; every claim becomes a trait. */
export function kratosProvider({ issuer, client }, id = 'loopback') {
  const mapper = "local claims = std.extVar('claims'); { identity: { traits: { email: claims.email, name: claims.name } } }";
  return {
    id,
    provider: 'generic',
    label: 'Loopback',
    issuer_url: issuer,
    ...client,
    scope: ['openid', 'email', 'profile'],
    mapper_url: `base64://${Buffer.from(mapper).toString('base64')}`,
  };
}
