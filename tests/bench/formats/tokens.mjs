// Tokens that a provider signs, in the cookies that its library writes. The public key is given, so nobody asks for it.

import { createHash } from 'node:crypto';

import { library } from '../../interop/library.mjs';
import { ORIGIN, SECRET, named, now, pem, publicJwk, sign } from './support.mjs';

const { sealData } = await library('iron-session-8');
const { createChunks, stringToBase64URL } = await library('@supabase/ssr');

const RS256 = await pem('rs256');
const ES256 = await pem('es256');
const jwks = (name) => JSON.stringify({ keys: [publicJwk(name)] });
const times = () => ({ iat: now(), exp: now() + 3_600 });

const CLERK = `pk_live_${btoa('clerk.example.com$').replaceAll('=', '')}`;
const SUFFIX = createHash('sha1').update(CLERK).digest('base64url').slice(0, 8);

async function clerk(n, filler) {
  const claims = { azp: ORIGIN, nbf: now() - 10, iss: 'https://clerk.example.com', sid: `sess_${n}`, sub: `user_${n}`, v: 2, fva: [3, -1], sts: 'active', filler, ...times() };
  const token = await sign('rs256', claims, { cat: 'cl_B7d4PD111AAA' });
  const uat = now() - 100;
  return `__session=${token}; __client_uat=${uat}; __session_${SUFFIX}=${token}; __client_uat_${SUFFIX}=${uat}`;
}

const SUPABASE = 'https://abcdefghij.supabase.co';

async function supabase(n, filler) {
  const claims = {
    iss: `${SUPABASE}/auth/v1`, sub: `user-${n}`, aud: 'authenticated', email: 'ann@example.com', phone: '', app_metadata: { provider: 'email' }, user_metadata: {},
    role: 'authenticated', aal: 'aal1', amr: [{ method: 'password', timestamp: now() }], session_id: `s-${n}`, is_anonymous: false, filler, ...times(),
  };
  const session = { access_token: await sign('es256', claims), refresh_token: 'r3fr3sh', expires_at: claims.exp, expires_in: 3_600, token_type: 'bearer', user: { id: claims.sub } };
  const chunks = createChunks('sb-abcdefghij-auth-token', `base64-${stringToBase64URL(JSON.stringify(session))}`);
  return chunks.map(({ name, value }) => `${name}=${value}`).join('; ');
}

async function workos(n, filler) {
  const claims = { iss: 'https://api.workos.com', sub: `user_${n}`, sid: `session_${n}`, jti: '01', role: 'editor', permissions: ['read'], filler, ...times() };
  const user = { object: 'user', id: claims.sub, email: 'ann@example.com', emailVerified: true, firstName: 'Ann', lastName: null };
  return `wos-session=${await sealData({ accessToken: await sign('rs256', claims), refreshToken: 'r3fr3sh', user }, { password: SECRET, ttl: 0 })}`;
}

const POOL = 'eu-central-1_AbCdEfGhI';
const CLIENT = '4qk2l1v7n8p9r0s1t2u3v4w5x6';

async function cognito(n, filler) {
  const both = { sub: `user-${n}`, iss: `https://cognito-idp.eu-central-1.amazonaws.com/${POOL}`, auth_time: now(), ...times() };
  const access = await sign('rs256', { ...both, client_id: CLIENT, token_use: 'access', scope: 'openid', username: 'ann', filler });
  const id = await sign('rs256', { ...both, aud: CLIENT, token_use: 'id', email: 'ann@example.com', email_verified: true, 'cognito:username': 'ann' });
  const prefix = `CognitoIdentityServiceProvider.${CLIENT}`;
  return `${prefix}.LastAuthUser=ann; ${prefix}.ann.accessToken=${access}; ${prefix}.ann.idToken=${id}; ${prefix}.ann.clockDrift=0`;
}

export const FORMATS = {
  clerk: {
    peer: `${named('@clerk/backend')}, \`authenticateRequest\` with the key`,
    opener: 'clerk',
    session: { format: 'clerk', publishable_key: CLERK, authorized_parties: [ORIGIN], keys: [{ env: 'PEM' }] },
    secrets: { PEM: RS256 },
    library: { PUBLISHABLE: CLERK, ORIGIN },
    make: clerk,
  },
  supabase: {
    peer: `${named('@supabase/ssr')}, \`getClaims\` with the key set`,
    opener: 'supabase',
    session: { format: 'supabase', url: SUPABASE, algorithm: 'ES256', keys: [{ env: 'PEM' }] },
    secrets: { PEM: ES256 },
    library: { URL: SUPABASE, JWKS: jwks('es256') },
    make: supabase,
  },
  workos: {
    peer: `${named('@workos-inc/node')}, key set kept`,
    opener: 'workos',
    session: { format: 'workos', client_id: 'client_01', secrets: [{ env: 'SECRET' }], keys: [{ env: 'PEM' }] },
    secrets: { SECRET, PEM: RS256 },
    library: { CLIENT: 'client_01', JWKS: jwks('rs256') },
    make: workos,
  },
  cognito: {
    peer: `${named('aws-jwt-verify')}, key set kept, both tokens`,
    opener: 'cognito',
    session: { format: 'cognito', user_pool_id: POOL, client_id: CLIENT, keys: [{ env: 'PEM' }] },
    secrets: { PEM: RS256 },
    library: { POOL, CLIENT, JWKS: jwks('rs256') },
    make: cognito,
  },
};
