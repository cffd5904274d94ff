import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { deriveKey, verifyAssertion } from './assertion.mjs';

const SECRET = 'test-assertion-secret-of-32-bytes!';
const NOW = 1_800_000_000;
const CLAIMS = { iss: 'edgeward', aud: 'demo', sub: 'id-1', sid: 's-1', iat: NOW, exp: NOW + 60 };
const FULL = { ...CLAIMS, email: 'ann@example.com', roles: ['admin'], aal: 'aal2', auth_time: NOW - 5, claims: { traits: { name: 'Ann' } } };
const HEADER = { alg: 'HS256', typ: 'edgeward-assertion+jwt' };

const b64 = (value) => Buffer.from(value).toString('base64url');
const json = (value) => b64(JSON.stringify(value));
function sign(header, payload, key = deriveKey(SECRET), digest = 'sha256') {
  return `${header}.${payload}.${createHmac(digest, key).update(`${header}.${payload}`).digest('base64url')}`;
}
const make = (claims = {}, header = {}) => sign(json({ ...HEADER, ...header }), json({ ...CLAIMS, ...claims }));
const verify = (assertion, overrides = {}) =>
  verifyAssertion(assertion, { key: deriveKey(SECRET), audience: 'demo', now: NOW, ...overrides });

test('the key is the one that the contract names', () => {
  // RFC 5869 by hand: extract with a zero salt, then one block of expand.
  const extracted = createHmac('sha256', Buffer.alloc(32)).update(SECRET).digest();
  const expanded = createHmac('sha256', extracted).update('edgeward assertion v1').update(Buffer.from([1])).digest();
  assert.deepEqual(deriveKey(SECRET), expanded);
});

test('a short secret is refused', () => assert.throws(() => deriveKey('x'.repeat(31)), TypeError));

const good = [
  ['least claims', make(), CLAIMS],
  ['all claims', sign(json(HEADER), json(FULL)), FULL],
  ['header with kid', make({}, { kid: 'k1' }), CLAIMS],
  ['last second', make(), CLAIMS, { now: NOW + 59 }],
  ['clock of the gate 5 s ahead', make({ iat: NOW + 5 }), { ...CLAIMS, iat: NOW + 5 }],
];
for (const [name, assertion, claims, overrides] of good) {
  test(`accepts: ${name}`, () => assert.deepEqual(verify(assertion, overrides), claims));
}

const other = 'another-assertion-secret-of-32-bytes';
const [head, payload, signature] = make().split('.');
const bad = [
  ['absent', undefined, 'missing'],
  ['empty', '', 'missing'],
  ['a list of two headers', [make(), make()], 'malformed'],
  ['two headers that node joined', `${make()}, ${make()}`, 'malformed'],
  ['a word', 'x', 'malformed'],
  ['dots only', '..', 'signature'],
  ['four parts', `${make()}.x`, 'malformed'],
  ['oversized', `${head}.${'A'.repeat(9000)}.${signature}`, 'malformed'],
  ['oversized though well signed', make({ claims: { x: 'y'.repeat(9000) } }), 'malformed'],
  ['standard alphabet', make({ email: '???>>>~~~@x' }).replaceAll('_', '/').replaceAll('-', '+'), 'malformed'],
  ['padding', `${make()}=`, 'malformed'],
  ['spare bits in the signature', `${head}.${payload}.${signature.slice(0, -1)}${next(signature.at(-1))}`, 'malformed'],
  ['white space', ` ${make()}`, 'malformed'],
  ['no signature', `${head}.${payload}.`, 'signature'],
  ['short signature', `${head}.${payload}.${b64(Buffer.from(signature, 'base64url').subarray(0, 16))}`, 'signature'],
  ['tampered payload', `${head}.${json({ ...CLAIMS, roles: ['admin'] })}.${signature}`, 'signature'],
  ['tampered header', `${json({ ...HEADER, kid: 'x' })}.${payload}.${signature}`, 'signature'],
  ['other secret', sign(head, payload, deriveKey(other)), 'signature'],
  ['the secret itself as key', sign(head, payload, Buffer.from(SECRET)), 'signature'],
  ['alg none, unsigned', `${json({ ...HEADER, alg: 'none' })}.${payload}.`, 'signature'],
  ['alg none, signed', make({}, { alg: 'none' }), 'alg'],
  ['alg in other case', make({}, { alg: 'hs256' }), 'alg'],
  ['alg HS512, signed so', sign(json({ ...HEADER, alg: 'HS512' }), payload, undefined, 'sha512'), 'signature'],
  ['alg RS256', make({}, { alg: 'RS256' }), 'alg'],
  ['alg missing', make({}, { alg: undefined }), 'alg'],
  ['typ JWT', make({}, { typ: 'JWT' }), 'typ'],
  ['typ of the session cookie', make({}, { typ: 'edgeward-session+jwt' }), 'typ'],
  ['typ in other case', make({}, { typ: 'Edgeward-Assertion+JWT' }), 'typ'],
  ['typ missing', make({}, { typ: undefined }), 'typ'],
  ['crit', make({}, { crit: ['b64'], b64: false }), 'crit'],
  ['header is a list', sign(json([HEADER]), payload), 'malformed'],
  ['payload is null', sign(head, json(null)), 'malformed'],
  ['payload is text', sign(head, b64('claims')), 'malformed'],
  ['payload is not UTF-8', sign(head, b64(Buffer.from([0x22, 0xff, 0x22]))), 'malformed'],
  ['other iss', make({ iss: 'somebody' }), 'iss'],
  ['no iss', make({ iss: undefined }), 'iss'],
  ['other aud', make({ aud: 'other' }), 'aud'],
  ['aud list', make({ aud: ['demo'] }), 'aud'],
  ['aud in other case', make({ aud: 'Demo' }), 'aud'],
  ['no aud', make({ aud: undefined }), 'aud'],
  ['no aud, and none configured', make({ aud: undefined }), 'aud', { audience: undefined }],
  ['empty aud, and none configured', make({ aud: '' }), 'aud', { audience: '' }],
  ['expired', make(), 'expired', { now: NOW + 60 }],
  ['long expired', make(), 'expired', { now: NOW + 86_400 }],
  ['not yet', make({ iat: NOW + 6, exp: NOW + 30 }), 'not_yet'],
  ['lives too long', make({ exp: NOW + 61 }), 'lifetime'],
  ['ends before it starts', make({ exp: NOW - 1 }), 'lifetime'],
  ['exp missing', make({ exp: undefined }), 'malformed'],
  ['exp text', make({ exp: String(NOW + 60) }), 'malformed'],
  ['exp fraction', make({ exp: NOW + 0.5 }), 'malformed'],
  ['iat missing', make({ iat: undefined }), 'malformed'],
  ['sub missing', make({ sub: undefined }), 'malformed'],
  ['sub empty', make({ sub: '' }), 'malformed'],
  ['sub a number', make({ sub: 1 }), 'malformed'],
  ['sid missing', make({ sid: undefined }), 'malformed'],
  ['roles text', make({ roles: 'admin' }), 'malformed'],
  ['roles of objects', make({ roles: [{}] }), 'malformed'],
  ['email object', make({ email: {} }), 'malformed'],
  ['email null', make({ email: null }), 'malformed'],
  ['aal number', make({ aal: 2 }), 'malformed'],
  ['auth_time text', make({ auth_time: '1' }), 'malformed'],
  ['claims list', make({ claims: [] }), 'malformed'],
];
for (const [name, assertion, code, overrides] of bad) {
  test(`refuses: ${name}`, () => assert.throws(() => verify(assertion, overrides), { code }));
}

test('no error text quotes the assertion', () => {
  for (const [, assertion, , overrides] of bad) {
    assert.throws(() => verify(assertion, overrides), (error) => /^the assertion is not valid: [a-z_]+$/.test(error.message));
  }
});

// A 32-byte signature leaves two unused bits in its last character.
function next(character) {
  return String.fromCharCode(character.charCodeAt(0) + 1);
}
