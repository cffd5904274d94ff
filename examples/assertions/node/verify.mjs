// Who the visitor is, by the word of the gate alone.

import { hkdfSync } from 'node:crypto';
import { createLocalJWKSet, jwtVerify } from 'jose';

/**
 * Makes a verifier.
 *
 * @param {{ audience: string, jwks?: object, secret?: string }} trusted the origin's name for itself, and either the gate's public key as a
 *   JWK Set or the secret shared with it
 * @returns the claims of an assertion; throws where it is none
 */
export function verifier({ audience, jwks, secret }) {
  const key = jwks ? createLocalJWKSet(jwks) : new Uint8Array(hkdfSync('sha256', secret, '', 'edgeward assertion v1', 32));
  const expected = {
    // One algorithm, by what we hold: never by what the token says.
    algorithms: [jwks ? 'ES256' : 'HS256'],
    issuer: 'edgeward',
    audience,
    typ: 'edgeward-assertion+jwt',
    requiredClaims: ['sub', 'iat', 'exp'],
    maxTokenAge: 60,
    clockTolerance: 5,
  };
  return async (assertion) => (await jwtVerify(assertion, key, expected)).payload;
}
