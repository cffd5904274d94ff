// Writes tests/vectors/ours/<envelope>/<defect>.txt: one file per defect, its outcome stated in the file. Built from Node's primitives, byte by
// byte, because no library makes these. Run by `npm run defects`.
import { createCipheriv, createHmac, generateKeyPairSync, pbkdf2Sync, randomBytes, sign } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'

const b64u = (data) => Buffer.from(data).toString('base64url')
const fixed = (length) => Buffer.from(Uint8Array.from({ length }, (_, n) => (n * 7 + length) & 0xff))
const ours = new URL('../vectors/ours/', import.meta.url)

function folder(name) {
  const path = new URL(`${name}/`, ours)
  rmSync(path, { recursive: true, force: true })
  mkdirSync(path, { recursive: true })
  return (defect, outcome, with_, why, token) =>
    writeFileSync(new URL(`${defect}.txt`, path), `outcome: ${outcome}\nwith: ${with_}\nwhy: ${why}\n\n${token}\n`)
}

/** The same bytes with one bit of one byte flipped, base64url again. */
function flip(part, at = -1) {
  const bytes = Buffer.from(part, 'base64url')
  bytes[at < 0 ? bytes.length + at : at] ^= 1
  return b64u(bytes)
}

function jwe() {
  const file = folder('jwe')
  const gcmKey = fixed(32)
  const gcm = `A256GCM ${b64u(gcmKey)}`
  const claims = '{"sub":"ann","exp":4102444800}'
  const seal = (header, plaintext = claims, key = gcmKey) => {
    const aad = b64u(header)
    const iv = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', key, iv)
    cipher.setAAD(Buffer.from(aad))
    const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()])
    return [aad, '', b64u(iv), b64u(ciphertext), b64u(cipher.getAuthTag())]
  }
  const header = '{"alg":"dir","enc":"A256GCM"}'
  const good = seal(header)
  const put = (defect, outcome, why, parts, with_ = gcm) => file(defect, outcome, with_, why, parts.join('.'))
  const change = (parts, at, value) => parts.map((part, n) => (n === at ? value : part))
  put('control', 'opened', 'nothing is wrong: what the other files are changed from', good)
  put('tag-bit-flipped', 'jwe.tag_mismatch', 'the last bit of the tag is flipped', change(good, 4, flip(good[4])))
  put('tag-truncated', 'jwe.malformed', 'GCM allows shorter tags, JWE does not', change(good, 4, b64u(Buffer.from(good[4], 'base64url').subarray(0, 12))))
  put('tag-empty', 'jwe.malformed', 'no tag at all', change(good, 4, ''))
  put('tag-long', 'jwe.malformed', 'a byte too many', change(good, 4, b64u(Buffer.concat([Buffer.from(good[4], 'base64url'), Buffer.of(0)]))))
  put('ciphertext-bit-flipped', 'jwe.tag_mismatch', 'one bit of the ciphertext', change(good, 3, flip(good[3], 0)))
  put('ciphertext-empty', 'jwe.tag_mismatch', 'the ciphertext is gone', change(good, 3, ''))
  put('ciphertext-of-another', 'jwe.tag_mismatch', 'the ciphertext of another token of the same key', change(good, 3, seal(header, '{"sub":"bob","exp":4102444800}')[3]))
  put('iv-bit-flipped', 'jwe.tag_mismatch', 'one bit of the initialization vector', change(good, 2, flip(good[2])))
  put('iv-empty', 'jwe.malformed', 'no initialization vector', change(good, 2, ''))
  put('iv-of-16-bytes', 'jwe.malformed', 'GCM takes it, JWE does not', change(good, 2, b64u(randomBytes(16))))
  put('header-kid-added', 'jwe.tag_mismatch', 'the header is authenticated', change(good, 0, b64u('{"alg":"dir","enc":"A256GCM","kid":"x"}')))
  put('header-reserialised', 'jwe.tag_mismatch', 'the same members with a blank: the text as received is what is authenticated', change(good, 0, b64u('{"alg":"dir", "enc":"A256GCM"}')))
  put('wrong-key', 'jwe.tag_mismatch', 'sealed with another key', seal(header, claims, randomBytes(32)))
  put('encrypted-key-not-empty', 'jwe.malformed', 'direct encryption has no encrypted key (RFC 7516 section 5.2 step 10)', change(good, 1, b64u('key')))
  put('four-parts', 'jwe.malformed', 'the tag and its dot are missing', good.slice(0, 4))
  put('six-parts', 'jwe.malformed', 'a part too many', [...good, ''])
  put('dots-only', 'jwe.malformed', 'eight thousand dots (field row 43)', ['.'.repeat(8000)])
  put('one-dot', 'jwe.malformed', 'field row 21', ['.'])
  put('empty', 'jwe.malformed', 'nothing', [''])
  put('flattened', 'jwe.malformed', 'JSON serialization with an unprotected header (field row 44)', [
    JSON.stringify({ protected: good[0], unprotected: { enc: 'A128GCM' }, iv: good[2], ciphertext: good[3], tag: good[4] }),
  ])
  for (const [defect, outcome, why, text] of [
    ['alg-none', 'jwe.algorithm_not_allowed', 'no such key management', '{"alg":"none","enc":"A256GCM"}'],
    ['alg-missing', 'header.malformed', 'alg is mandatory', '{"enc":"A256GCM"}'],
    ['alg-number', 'header.malformed', 'alg is a string', '{"alg":1,"enc":"A256GCM"}'],
    ['alg-upper-case', 'jwe.algorithm_not_allowed', 'names are compared exactly', '{"alg":"DIR","enc":"A256GCM"}'],
    ['alg-pbes2', 'jwe.algorithm_not_allowed', 'an iteration count from the token (field row 39)', '{"alg":"PBES2-HS256+A128KW","enc":"A256GCM","p2s":"c2FsdA","p2c":2147483647}'],
    ['alg-key-wrapping', 'jwe.algorithm_not_allowed', 'another key management', '{"alg":"A256KW","enc":"A256GCM"}'],
    ['enc-missing', 'jwe.algorithm_not_allowed', 'enc is mandatory', '{"alg":"dir"}'],
    ['enc-number', 'header.malformed', 'enc is a string', '{"alg":"dir","enc":256}'],
    ['enc-lower-case', 'jwe.algorithm_not_allowed', 'names are compared exactly', '{"alg":"dir","enc":"a256gcm"}'],
    ['enc-other', 'jwe.algorithm_not_allowed', 'a key of 32 bytes fits this enc too, but is not for it', '{"alg":"dir","enc":"A128CBC-HS256"}'],
    ['zip', 'header.extension', 'nothing is inflated (field row 38)', '{"alg":"dir","enc":"A256GCM","zip":"DEF"}'],
    ['crit-unknown', 'header.extension', 'an extension that must be understood', '{"alg":"dir","enc":"A256GCM","crit":["exp"],"exp":1}'],
    ['crit-empty', 'header.extension', 'an empty crit is not allowed either', '{"alg":"dir","enc":"A256GCM","crit":[]}'],
    ['b64', 'header.extension', 'RFC 7797 belongs to JWS, and is not implemented', '{"alg":"dir","enc":"A256GCM","b64":true}'],
    ['carries-jwk', 'header.carries_key', 'a key in the token (field row 40)', '{"alg":"dir","enc":"A256GCM","jwk":{"kty":"oct","k":"AA"}}'],
    ['carries-jku', 'header.carries_key', 'a place to fetch keys from', '{"alg":"dir","enc":"A256GCM","jku":"https://keys.example"}'],
    ['carries-x5u', 'header.carries_key', 'a place to fetch keys from', '{"alg":"dir","enc":"A256GCM","x5u":"https://keys.example"}'],
    ['carries-x5c', 'header.carries_key', 'a certificate chain in the token', '{"alg":"dir","enc":"A256GCM","x5c":["AA"]}'],
    ['member-twice', 'header.malformed', 'two readers could disagree on enc', '{"alg":"dir","enc":"A128GCM","enc":"A256GCM"}'],
    ['member-twice-escaped', 'header.malformed', 'the same name, written with an escape', '{"alg":"dir","enc":"A256GCM","\\u0065nc":"A256GCM"}'],
    ['member-twice-nested', 'header.malformed', 'at any depth', '{"alg":"dir","enc":"A256GCM","x":{"a":1,"a":2}}'],
    ['kid-number', 'header.malformed', 'kid is a string', '{"alg":"dir","enc":"A256GCM","kid":7}'],
    ['kid-null', 'header.malformed', 'null is no string', '{"alg":"dir","enc":"A256GCM","kid":null}'],
    ['kid-long', 'header.malformed', 'longer than any name of a key', `{"alg":"dir","enc":"A256GCM","kid":"${'k'.repeat(513)}"}`],
    ['typ-list', 'header.malformed', 'typ is a string', '{"alg":"dir","enc":"A256GCM","typ":["JWT"]}'],
    ['header-array', 'header.malformed', 'not an object', '["dir","A256GCM"]'],
    ['header-not-json', 'header.malformed', 'not JSON', 'alg=dir'],
    ['header-empty', 'header.malformed', 'no header', ''],
    ['header-trailing', 'header.malformed', 'text after the object', '{"alg":"dir","enc":"A256GCM"}x'],
    ['header-bom', 'header.malformed', 'a byte order mark', '\ufeff{"alg":"dir","enc":"A256GCM"}'],
    ['header-lone-surrogate', 'header.malformed', 'no character', '{"alg":"dir","enc":"A256GCM","kid":"\\ud800"}'],
    ['header-deep', 'header.malformed', 'nesting beyond any need', `{"alg":"dir","enc":"A256GCM","x":${'['.repeat(400)}${']'.repeat(400)}}`],
    ['header-number-out-of-range', 'header.malformed', 'readers differ on it', '{"alg":"dir","enc":"A256GCM","x":1e400}'],
    ['header-long', 'header.too_large', 'over 4 KB of header', `{"alg":"dir","enc":"A256GCM","x":"${'x'.repeat(4000)}"}`],
  ]) put(defect, outcome, why, seal(text))
  put('header-not-utf8', 'header.malformed', 'a byte that is no UTF-8', seal(Buffer.from('{"alg":"dir","enc":"A256GCM","kid":"\xff"}', 'latin1')))
  for (const [defect, why, edit] of [
    ['padded', 'base64url here has no padding', (part) => `${part}${'='.repeat((4 - (part.length % 4)) % 4) || '='}`],
    ['blank-inside', 'atob would skip it', (part) => `${part.slice(0, 4)} ${part.slice(4)}`],
    ['newline-at-end', 'atob would skip it', (part) => `${part}\n`],
    ['standard-alphabet', 'plus and slash', (part) => `+/${part.slice(2)}`],
  ]) put(`ciphertext-${defect}`, 'jwe.malformed', why, change(good, 3, edit(good[3])))
  // 16 bytes are 22 characters, the last of which has four bits to spare.
  const spare = good[4].slice(0, -1) + String.fromCharCode(good[4].charCodeAt(21) + 1)
  put('tag-spare-bits', 'jwe.malformed', 'another spelling of the same bytes', change(good, 4, spare))

  const cbcKey = fixed(64)
  const cbc = `A256CBC-HS512 ${b64u(cbcKey)}`
  const cbcHeader = '{"alg":"dir","enc":"A256CBC-HS512"}'
  const macOver = (aad, iv, ciphertext, key = cbcKey.subarray(0, 32), bits = Buffer.byteLength(aad) * 8) => {
    const length = Buffer.alloc(8)
    length.writeBigUInt64BE(BigInt(bits))
    return createHmac('sha512', key).update(aad).update(iv).update(ciphertext).update(length).digest()
  }
  const encrypt = (plaintext, iv, padding = true) => {
    const cipher = createCipheriv('aes-256-cbc', cbcKey.subarray(32), iv).setAutoPadding(padding)
    return Buffer.concat([cipher.update(plaintext), cipher.final()])
  }
  const compact = (aad, iv, ciphertext, tag) => [aad, '', b64u(iv), b64u(ciphertext), b64u(tag)]
  const aad = b64u(cbcHeader)
  const iv = randomBytes(16)
  const ciphertext = encrypt(claims, iv)
  const tag = macOver(aad, iv, ciphertext).subarray(0, 32)
  const cbcGood = compact(aad, iv, ciphertext, tag)
  const putCbc = (defect, outcome, why, parts) => put(`cbc-${defect}`, outcome, why, parts, cbc)
  putCbc('control', 'opened', 'nothing is wrong', cbcGood)
  putCbc('tag-whole-digest', 'jwe.malformed', 'the tag is half of the digest', compact(aad, iv, ciphertext, macOver(aad, iv, ciphertext)))
  putCbc('tag-second-half', 'jwe.tag_mismatch', 'the wrong half of the digest', compact(aad, iv, ciphertext, macOver(aad, iv, ciphertext).subarray(32)))
  putCbc('tag-short', 'jwe.malformed', '16 bytes, as the smaller algorithm has', compact(aad, iv, ciphertext, tag.subarray(0, 16)))
  putCbc('tag-bit-flipped', 'jwe.tag_mismatch', 'one bit', change(cbcGood, 4, flip(cbcGood[4])))
  putCbc('iv-bit-flipped', 'jwe.tag_mismatch', 'would change the first block', change(cbcGood, 2, flip(cbcGood[2])))
  putCbc('ciphertext-cut', 'jwe.tag_mismatch', 'the last block is gone', compact(aad, iv, ciphertext.subarray(0, -16), tag))
  putCbc('length-in-bytes', 'jwe.tag_mismatch', 'the length of the AAD counts bits', compact(aad, iv, ciphertext, macOver(aad, iv, ciphertext, undefined, aad.length).subarray(0, 32)))
  putCbc('keys-swapped', 'jwe.tag_mismatch', 'the first half of the key authenticates', compact(aad, iv, ciphertext, macOver(aad, iv, ciphertext, cbcKey.subarray(32)).subarray(0, 32)))
  for (const [defect, why, block] of [
    ['padding-zero', 'a padding of 0 does not exist', Buffer.alloc(16, 0)],
    ['padding-17', 'longer than a block', Buffer.alloc(16, 17)],
    ['padding-uneven', 'the bytes of a padding are all its length', Buffer.from([...Buffer.alloc(13), 1, 3, 3])],
  ]) {
    const sealed = encrypt(block, iv, false)
    putCbc(defect, 'jwe.tag_mismatch', `${why}; the MAC is right, and the answer is the same as for a wrong one`, compact(aad, iv, sealed, macOver(aad, iv, sealed).subarray(0, 32)))
  }
  const ragged = randomBytes(17)
  putCbc('ragged', 'jwe.tag_mismatch', 'no whole number of blocks under a right MAC', compact(aad, iv, ragged, macOver(aad, iv, ragged).subarray(0, 32)))
  putCbc('no-block', 'jwe.tag_mismatch', 'no block at all under a right MAC', compact(aad, iv, Buffer.alloc(0), macOver(aad, iv, Buffer.alloc(0)).subarray(0, 32)))
}

function jws() {
  const file = folder('jws')
  const secret = 'the secret of a session, in text, of any length'
  const hs = `HS256 ${secret}`
  const claims = '{"sub":"ann","exp":4102444800}'
  const raw = (protectedPart, payloadPart, hash = 'sha256', key = secret) => {
    const input = `${protectedPart}.${payloadPart}`
    return [protectedPart, payloadPart, b64u(createHmac(hash, key).update(input).digest())]
  }
  const make = (header, payload = claims, ...rest) => raw(b64u(header), b64u(payload), ...rest)
  const header = '{"alg":"HS256"}'
  const good = make(header)
  const put = (defect, outcome, why, parts, with_ = hs) => file(defect, outcome, with_, why, parts.join('.'))
  const change = (parts, at, value) => parts.map((part, n) => (n === at ? value : part))
  put('control', 'verified', 'nothing is wrong: what the other files are changed from', good)
  put('payload-changed', 'jws.signature_mismatch', 'another subject', change(good, 1, b64u('{"sub":"bob","exp":4102444800}')))
  put('payload-empty', 'jws.signature_mismatch', 'a detached payload is not looked for elsewhere', change(good, 1, ''))
  put('payload-not-base64url', 'jws.malformed', 'signed, but no base64url', raw(b64u(header), '{}'))
  put('payload-padded', 'jws.malformed', 'signed with padding', raw(b64u(header), `${b64u('{"a":1}')}==`))
  put('signature-bit-flipped', 'jws.signature_mismatch', 'one bit', change(good, 2, flip(good[2])))
  put('signature-empty', 'jws.malformed', 'no signature', change(good, 2, ''))
  put('signature-short', 'jws.signature_mismatch', 'a MAC cut to 16 bytes', change(good, 2, b64u(Buffer.from(good[2], 'base64url').subarray(0, 16))))
  put('signature-one-byte', 'jws.signature_mismatch', 'a MAC cut to 1 byte: right once in 256', change(good, 2, b64u(Buffer.from(good[2], 'base64url').subarray(0, 1))))
  put('signature-long', 'jws.malformed', 'longer than any signature', change(good, 2, 'A'.repeat(2049)))
  // 32 bytes are 43 characters, the last of which has two bits to spare.
  put('signature-spare-bits', 'jws.malformed', 'another spelling of the same bytes', change(good, 2, good[2].slice(0, -1) + String.fromCharCode(good[2].charCodeAt(42) + 1)))
  put('signature-padded', 'jws.malformed', 'base64url here has no padding', change(good, 2, `${good[2]}=`))
  put('header-changed', 'jws.signature_mismatch', 'the header is signed', change(good, 0, b64u('{"alg":"HS256","kid":"x"}')))
  put('header-reserialised', 'jws.signature_mismatch', 'the text as received is what is signed', change(good, 0, b64u('{"alg": "HS256"}')))
  put('other-secret', 'jws.signature_mismatch', 'another secret', make(header, claims, 'sha256', 'another'))
  put('two-parts', 'jws.malformed', 'no signature part', good.slice(0, 2))
  put('four-parts', 'jws.malformed', 'a part too many', [...good, ''])
  put('dots-only', 'jws.malformed', 'eight thousand dots (field row 43)', ['.'.repeat(8000)])
  put('percent', 'jws.malformed', 'what a bearer of `%` leaves (field row 21)', ['%'])
  put('flattened', 'jws.malformed', 'JSON serialization with an unprotected header (field row 44)', [
    JSON.stringify({ payload: good[1], protected: good[0], header: { alg: 'none' }, signature: good[2] }),
  ])
  for (const alg of ['none', 'None', 'NONE', 'hs256', 'HS256 ', '']) {
    const name = alg === '' ? 'empty' : alg === 'HS256 ' ? 'blank-at-end' : alg === 'None' ? 'none-capitalised' : alg === 'NONE' ? 'none-upper-case' : alg === 'hs256' ? 'lower-case' : alg
    put(`alg-${name}`, 'jws.algorithm_not_allowed', 'not the algorithm that the key is for (field row 40)', make(JSON.stringify({ alg })))
  }
  put('alg-none-unsigned', 'jws.malformed', 'an unsecured JWS', [b64u('{"alg":"none"}'), b64u(claims), ''])
  put('alg-hs512', 'jws.algorithm_not_allowed', 'right for the secret, not for the key', make('{"alg":"HS512"}', claims, 'sha512'))
  put('alg-rs256', 'jws.algorithm_not_allowed', 'a signature algorithm with a secret', make('{"alg":"RS256"}'))
  put('alg-missing', 'header.malformed', 'alg is mandatory', make('{}'))
  put('alg-twice', 'header.malformed', 'two readers could disagree', make('{"alg":"none","alg":"HS256"}'))
  put('alg-null', 'header.malformed', 'alg is a string', make('{"alg":null}'))
  put('crit-b64', 'header.extension', 'RFC 7797', make('{"alg":"HS256","b64":false,"crit":["b64"]}'))
  put('b64-false', 'header.extension', 'RFC 7797 without its crit', make('{"alg":"HS256","b64":false}'))
  put('crit', 'header.extension', 'an extension that must be understood', make('{"alg":"HS256","crit":["x"],"x":1}'))
  put('zip', 'header.extension', 'not of JWS; nothing is inflated', make('{"alg":"HS256","zip":"DEF"}'))
  put('carries-jwk', 'header.carries_key', 'a key in the token', make('{"alg":"HS256","jwk":{"kty":"oct","k":"AA"}}'))
  put('carries-jku', 'header.carries_key', 'a place to fetch keys from', make('{"alg":"HS256","jku":"https://keys.example"}'))
  put('carries-x5u', 'header.carries_key', 'a place to fetch keys from', make('{"alg":"HS256","x5u":"https://keys.example"}'))
  put('carries-x5c', 'header.carries_key', 'a certificate chain in the token', make('{"alg":"HS256","x5c":["AA"]}'))

  const signed = (alg, pair, hash, options = {}) => {
    const input = `${b64u(JSON.stringify({ alg }))}.${b64u(claims)}`
    return [...input.split('.'), b64u(sign(hash, Buffer.from(input), { key: pair.privateKey, ...options }))]
  }
  const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const ed = generateKeyPairSync('ed25519')
  const jwk = (pair) => `jwk ${JSON.stringify(pair.publicKey.export({ format: 'jwk' }))}`
  const es256 = signed('ES256', p256, 'sha256', { dsaEncoding: 'ieee-p1363' })
  const bytes = Buffer.from(es256[2], 'base64url')
  put('es256-control', 'host', 'nothing is wrong: only the mathematics is left', es256, jwk(p256))
  put('es256-der', 'jws.malformed', 'a signature in DER', signed('ES256', p256, 'sha256', { dsaEncoding: 'der' }), jwk(p256))
  put('es256-short', 'jws.malformed', 'a byte of S is missing', change(es256, 2, b64u(bytes.subarray(0, 63))), jwk(p256))
  put('es256-long', 'jws.malformed', 'a zero byte before R', change(es256, 2, b64u(Buffer.concat([Buffer.of(0), bytes]))), jwk(p256))
  put('es256-other-curve', 'key.unknown', 'a key of P-384', es256, jwk(p384))
  put('es256-rsa-key', 'key.unknown', 'a key of another type', es256, jwk(rsa))
  put('es384-other-curve', 'key.unknown', 'a key of P-256', signed('ES384', p384, 'sha384', { dsaEncoding: 'ieee-p1363' }), jwk(p256))
  const rs256 = signed('RS256', rsa, 'sha256')
  put('rs256-control', 'host', 'nothing is wrong: only the mathematics is left', rs256, jwk(rsa))
  put('rs256-short', 'jws.malformed', 'a signature is as long as the modulus', change(rs256, 2, b64u(Buffer.from(rs256[2], 'base64url').subarray(1))), jwk(rsa))
  put('rs256-long', 'jws.malformed', 'a zero byte in front', change(rs256, 2, b64u(Buffer.concat([Buffer.of(0), Buffer.from(rs256[2], 'base64url')]))), jwk(rsa))
  put('rs256-as-hs256', 'key.unknown', 'a MAC with the public key as its secret (field row 40)', make('{"alg":"HS256"}', claims, 'sha256', rsa.publicKey.export({ type: 'spki', format: 'pem' })), jwk(rsa))
  put('eddsa-control', 'host', 'nothing is wrong: only the mathematics is left', signed('EdDSA', ed, null), jwk(ed))
  put('eddsa-short', 'jws.malformed', 'a byte is missing', change(signed('EdDSA', ed, null), 2, b64u(randomBytes(63))), jwk(ed))
  const tied = (alg, pair) => `jwk ${JSON.stringify({ ...pair.publicKey.export({ format: 'jwk' }), alg })}`
  put('rs256-key-for-ps256', 'key.unknown', 'the key names another algorithm', rs256, tied('PS256', rsa))
  put('rs256-key-for-encryption', 'jwk.unsupported', 'a key with use enc', rs256, `jwk ${JSON.stringify({ ...rsa.publicKey.export({ format: 'jwk' }), use: 'enc' })}`)
}

function iron() {
  const file = folder('iron')
  const password = 'a password of at least 32 characters'
  const with_ = `1 ${password}`
  const far = '4102444800000'
  const derive = (salt) => pbkdf2Sync(password, salt, 1, 32, 'sha1')
  const hex = () => randomBytes(32).toString('hex')
  /** A seal whose fields are whatever the caller says, with the MAC that belongs to them. */
  const make = (fields = {}) => {
    const salt = fields.salt ?? hex()
    const iv = fields.iv ?? randomBytes(16)
    let ciphertext = fields.ciphertext
    if (ciphertext === undefined) {
      const cipher = createCipheriv('aes-256-cbc', derive(salt), iv.length === 16 ? iv : randomBytes(16)).setAutoPadding(!fields.block)
      ciphertext = Buffer.concat([cipher.update(fields.block ?? '{"user":"ann"}'), cipher.final()])
    }
    const sealed = [fields.prefix ?? 'Fe26.2', fields.id ?? '1', salt, b64u(iv), b64u(ciphertext), fields.exp ?? far].join('*')
    const macSalt = fields.macSalt ?? hex()
    const mac = createHmac('sha256', derive(macSalt)).update(sealed).digest()
    return `${sealed}*${macSalt}*${b64u(fields.mac?.(mac) ?? mac)}${fields.suffix ?? '~2'}`
  }
  const good = make()
  const put = (defect, outcome, why, seal, opener = with_) => file(defect, outcome, opener, why, seal)
  const change = (at, edit) => {
    const fields = good.split('*')
    fields[at] = edit(fields[at])
    return fields.join('*')
  }
  put('control', 'opened', 'nothing is wrong: what the other files are changed from', good)
  put('without-end', 'opened', 'an empty expiration', make({ exp: '' }))
  put('bare', 'opened', 'no `~2`: another program of the same format', make({ suffix: '' }))
  put('prefix-version', 'iron.malformed', 'another version of the format', make({ prefix: 'Fe26.1' }))
  put('prefix-case', 'iron.malformed', 'compared exactly', make({ prefix: 'fe26.2' }))
  for (const [name, suffix] of [['1', '~1'], ['3', '~3'], ['22', '~22'], ['empty', '~'], ['twice', '~2~2'], ['junk', '~2junk']]) {
    put(`suffix-${name}`, 'iron.malformed', 'not what iron-session 8 or 9 writes', make({ suffix }))
  }
  put('seven-fields', 'iron.malformed', 'a field is missing', good.split('*').slice(0, 7).join('*'))
  put('nine-fields', 'iron.malformed', 'a field too many', good.replace('~2', '*~2'))
  put('stars-only', 'iron.malformed', 'eight thousand stars', '*'.repeat(8000))
  put('empty', 'iron.malformed', 'nothing', '')
  put('dot', 'iron.malformed', 'field row 21', '.')
  put('id-changed', 'iron.unknown_password', 'the seal names a password that is not there', change(1, () => '2'))
  put('id-changed-to-known', 'iron.digest_mismatch', 'the id is under the MAC, and another password is there', change(1, () => '2'), `2 ${'another password of at least 32 characters'}`)
  put('id-empty', 'iron.unknown_password', 'an empty id means `default`', make({ id: '' }))
  put('id-prototype', 'iron.unknown_password', 'a name that is no own member of a map', make({ id: '__proto__' }))
  put('salt-changed', 'iron.digest_mismatch', 'under the MAC', change(2, (salt) => (salt[0] === '0' ? '1' : '0') + salt.slice(1)))
  put('salt-upper-case', 'iron.malformed', 'the salt is its text, so another case is another salt', make({ salt: `A${hex().slice(1)}` }))
  put('salt-short', 'iron.malformed', '31 bytes', make({ salt: hex().slice(2) }))
  put('salt-long', 'iron.malformed', '33 bytes', make({ salt: `${hex()}00` }))
  put('salt-not-hex', 'iron.malformed', 'a letter beyond f', make({ salt: `g${hex().slice(1)}` }))
  put('iv-bit-flipped', 'iron.digest_mismatch', 'under the MAC', change(3, (iv) => flip(iv, 0)))
  put('iv-short', 'iron.malformed', '15 bytes', make({ iv: randomBytes(15) }))
  put('ciphertext-bit-flipped', 'iron.digest_mismatch', 'under the MAC', change(4, (part) => flip(part, 0)))
  put('ciphertext-empty', 'iron.malformed', 'no block', make({ ciphertext: Buffer.alloc(0) }))
  put('ciphertext-ragged', 'iron.malformed', 'no whole number of blocks', make({ ciphertext: randomBytes(17) }))
  put('ciphertext-padded', 'iron.malformed', 'base64url here has no padding', change(4, (part) => `${part}=`))
  put('expiration-later', 'iron.digest_mismatch', 'under the MAC', change(5, () => '4102444800001'))
  put('expiration-removed', 'iron.digest_mismatch', 'under the MAC', change(5, () => ''))
  put('expired', 'iron.expired', 'authentic, and long over', make({ exp: '1000000000000' }))
  put('expired-and-forged', 'iron.digest_mismatch', 'the MAC is looked at before the time', change(5, () => '1000000000000'))
  for (const [name, exp] of [['zero', '0'], ['leading-zero', '04102444800000'], ['negative', '-1'], ['plus', '+4102444800000'], ['hexadecimal', '0x3bb2cc3d800'], ['exponent', '4e12'], ['fraction', '4102444800000.5'], ['blank', ' 4102444800000'], ['17-digits', '41024448000000000'], ['word', 'Infinity']]) {
    put(`expiration-${name}`, 'iron.malformed', `\`${exp}\` is no count of milliseconds, whoever signed it`, make({ exp }))
  }
  put('mac-salt-changed', 'iron.digest_mismatch', 'another key', change(6, (salt) => (salt[0] === '0' ? '1' : '0') + salt.slice(1)))
  put('mac-salt-upper-case', 'iron.malformed', 'not what the library writes', make({ macSalt: `A${hex().slice(1)}` }))
  put('mac-bit-flipped', 'iron.digest_mismatch', 'one bit', make({ mac: (mac) => Buffer.from(flip(b64u(mac)), 'base64url') }))
  put('mac-short', 'iron.malformed', 'cut to 16 bytes', make({ mac: (mac) => mac.subarray(0, 16) }))
  put('mac-empty', 'iron.malformed', 'none', make({ mac: () => Buffer.alloc(0) }))
  for (const [name, block] of [['zero', Buffer.alloc(16, 0)], ['17', Buffer.alloc(16, 17)]]) {
    put(`padding-${name}`, 'iron.digest_mismatch', 'no such padding; the MAC is right, and the answer is the same as for a wrong one', make({ block }))
  }
  put('wrong-password', 'iron.digest_mismatch', 'another password under the same id', good, `1 ${'another password of at least 32 characters'}`)
}

jwe()
jws()
iron()
