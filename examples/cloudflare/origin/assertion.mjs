// The one thing that this app believes about a visitor: the assertion that the gate signs for each request.
//
// A JWS in compact serialization (RFC 7515) with exactly `alg: HS256` and `typ: edgeward-assertion+jwt`; the key is
// HKDF-SHA256(secret, no salt, "edgeward assertion v1", 32 bytes).
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

const HEADER_TYP = 'edgeward-assertion+jwt';
const ISSUER = 'edgeward';
const HKDF_INFO = 'edgeward assertion v1';
// An assertion lives for the way from the gate to here, not longer.
const MAX_LIFETIME_S = 60;
// The clocks of two machines differ by a little; only for `iat`, never for `exp`.
const CLOCK_TOLERANCE_S = 5;
// The gate keeps its claims below 4 KB; node itself stops at 16 KB of headers.
const MAX_LENGTH = 8192;
const MIN_SECRET_BYTES = 32;

/** Why an assertion is none. `code` is stable; nothing of the assertion is in the text. */
export class AssertionError extends Error {
  constructor(code) {
    super(`the assertion is not valid: ${code}`);
    this.code = code;
  }
}

/** The HMAC key of a shared secret. Throws when the secret is too short to be one. */
export function deriveKey(secret) {
  const bytes = Buffer.from(secret, 'utf8');
  if (bytes.length < MIN_SECRET_BYTES) throw new TypeError(`the assertion secret needs ${MIN_SECRET_BYTES} bytes or more`);
  return Buffer.from(hkdfSync('sha256', bytes, '', HKDF_INFO, 32));
}

/**
 * Verifies the signature and validates every claim; gives back the claims set.
 * `now` is in seconds. Throws an `AssertionError`; an absent assertion is `missing`.
 */
export function verifyAssertion(assertion, { key, audience, now }) {
  if (assertion === undefined || assertion === '') throw new AssertionError('missing');
  if (typeof assertion !== 'string' || assertion.length > MAX_LENGTH) throw new AssertionError('malformed');
  const parts = assertion.split('.');
  if (parts.length !== 3) throw new AssertionError('malformed');
  const [header, payload, signature] = parts.map(decode);
  const expected = createHmac('sha256', key).update(`${parts[0]}.${parts[1]}`).digest();
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) throw new AssertionError('signature');
  checkHeader(object(header));
  return checkClaims(object(payload), audience, now);
}

function checkHeader(header) {
  if (header.alg !== 'HS256') throw new AssertionError('alg');
  if (header.typ !== HEADER_TYP) throw new AssertionError('typ');
  // Extensions that must be understood; none is (RFC 7515, 4.1.11).
  if ('crit' in header) throw new AssertionError('crit');
}

function checkClaims(claims, audience, now) {
  if (claims.iss !== ISSUER) throw new AssertionError('iss');
  if (typeof audience !== 'string' || audience === '' || claims.aud !== audience) throw new AssertionError('aud');
  const { iat, exp } = claims;
  if (!Number.isSafeInteger(iat) || !Number.isSafeInteger(exp)) throw new AssertionError('malformed');
  if (exp <= iat || exp - iat > MAX_LIFETIME_S) throw new AssertionError('lifetime');
  if (exp <= now) throw new AssertionError('expired');
  if (iat > now + CLOCK_TOLERANCE_S) throw new AssertionError('not_yet');
  for (const [name, isRight] of Object.entries(SHAPES)) {
    if (!isRight(claims[name])) throw new AssertionError('malformed');
  }
  return claims;
}

const isText = (value) => typeof value === 'string' && value !== '';
const isList = (value) => Array.isArray(value) && value.every(isText);
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const optional = (isRight) => (value) => value === undefined || isRight(value);
const SHAPES = {
  sub: isText,
  sid: isText,
  email: optional(isText),
  roles: optional(isList),
  aal: optional(isText),
  auth_time: optional(Number.isSafeInteger),
  claims: optional(isObject),
};

/** base64url without padding, in its one canonical spelling. */
function decode(part) {
  const bytes = Buffer.from(part, 'base64url');
  if (bytes.toString('base64url') !== part) throw new AssertionError('malformed');
  return bytes;
}

function object(bytes) {
  try {
    const value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (isObject(value)) return value;
  } catch {
    // Falls through: what is not JSON is as malformed as what is not an object.
  }
  throw new AssertionError('malformed');
}
