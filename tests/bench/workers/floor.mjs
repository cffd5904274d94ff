// What the runtime itself takes for the cryptography of a session, keys kept: `GET /?piece=…&bytes=…&times=…`.

const random = (bytes) => crypto.getRandomValues(new Uint8Array(bytes));
const hash = { name: 'HMAC', hash: 'SHA-256' };
const raw = new Uint8Array(32);

/** Each piece as a function of the bytes that makes the function to be repeated. */
const PIECES = {
  await: async () => async () => undefined,
  'importKey, HMAC': async () => () => crypto.subtle.importKey('raw', raw, hash, false, ['verify']),
  'HMAC-SHA256 verify': async (bytes) => {
    const key = await crypto.subtle.importKey('raw', raw, hash, false, ['sign', 'verify']);
    const signature = await crypto.subtle.sign('HMAC', key, bytes);
    return () => crypto.subtle.verify('HMAC', key, signature, bytes);
  },
  'AES-256-GCM decrypt': (bytes) => decrypted('AES-GCM', 12, bytes),
  'AES-256-CBC decrypt': (bytes) => decrypted('AES-CBC', 16, bytes),
  'HKDF-SHA256': async () => {
    const key = await crypto.subtle.importKey('raw', raw, 'HKDF', false, ['deriveBits']);
    return () => crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: raw, info: raw }, key, 256);
  },
  'RS256 verify': (bytes) => verified({ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) }, bytes),
  'ES256 verify': (bytes) => verified({ name: 'ECDSA', hash: 'SHA-256', namedCurve: 'P-256' }, bytes),
};

async function decrypted(name, iv, bytes) {
  const key = await crypto.subtle.importKey('raw', raw, name, false, ['encrypt', 'decrypt']);
  const how = { name, iv: random(iv) };
  const sealed = await crypto.subtle.encrypt(how, key, bytes);
  return () => crypto.subtle.decrypt(how, key, sealed);
}

async function verified(algorithm, bytes) {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
  const signature = await crypto.subtle.sign(algorithm, privateKey, bytes);
  return () => crypto.subtle.verify(algorithm, publicKey, signature, bytes);
}

const made = {};

export default {
  async fetch(request) {
    const { searchParams } = new URL(request.url);
    const [piece, bytes, times] = [searchParams.get('piece'), Number(searchParams.get('bytes')), Number(searchParams.get('times'))];
    const name = `${piece} ${bytes}`;
    made[name] ??= await PIECES[piece](random(bytes));
    const run = made[name];
    for (let n = 0; n < times; n += 1) await run();
    return new Response('');
  },
};
