// Signatures in WebCrypto, by keys that stay imported: an import costs more than a check.

const HASH = { 256: 'SHA-256', 384: 'SHA-384', 512: 'SHA-512' };
const CURVE = { 256: 'P-256', 384: 'P-384', 512: 'P-521' };

/** An `alg` of RFC 7518 or RFC 8037 in WebCrypto's words. */
function algorithm(alg) {
  if (alg === 'EdDSA' || alg === 'Ed25519') return { name: 'Ed25519' };
  const [, family, bits] = /^(RS|PS|ES)(256|384|512)$/.exec(alg) ?? [];
  const hash = HASH[bits];
  if (family === 'RS') return { name: 'RSASSA-PKCS1-v1_5', hash };
  if (family === 'PS') return { name: 'RSA-PSS', hash, saltLength: Number(bits) / 8 };
  if (family === 'ES') return { name: 'ECDSA', hash, namedCurve: CURVE[bits] };
  throw new Error('an algorithm that no config can name');
}

const KEPT = 64;
const keys = new Map();

/** The key, kept by what it is and what it may do. Kept are keys, not promises: a promise dies with its request. */
async function imported(id, jwk, algorithm, usage) {
  const name = `${usage} ${algorithm.name} ${algorithm.hash ?? ''} ${id}`;
  const kept = keys.get(name);
  if (kept) return kept;
  const key = await crypto.subtle.importKey('jwk', JSON.parse(jwk), algorithm, false, [usage]);
  if (keys.size >= KEPT) keys.delete(keys.keys().next().value);
  keys.set(name, key);
  return key;
}

export async function verify(alg, id, jwk, input, signature) {
  const how = algorithm(alg);
  return crypto.subtle.verify(how, await imported(id, jwk, how, 'verify'), signature, input);
}

export async function sign(alg, id, jwk, input) {
  const how = algorithm(alg);
  return crypto.subtle.sign(how, await imported(id, jwk, how, 'sign'), input);
}
