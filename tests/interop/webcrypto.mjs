// What a host does with a verification that the core asks for: WebCrypto, and any failure is `false`.
const imports = {
  RS: (hash) => ({ name: 'RSASSA-PKCS1-v1_5', hash }),
  PS: (hash) => ({ name: 'RSA-PSS', hash }),
  ES: (hash, crv) => ({ name: 'ECDSA', hash, namedCurve: crv }),
}

export async function verify({ alg, key, signing_input, signature }) {
  try {
    const jwk = JSON.parse(key)
    const hash = `SHA-${alg.slice(2)}`
    const algorithm = alg === 'EdDSA' ? { name: 'Ed25519' } : imports[alg.slice(0, 2)](hash, jwk.crv)
    const imported = await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['verify'])
    const parameters = algorithm.name === 'RSA-PSS' ? { ...algorithm, saltLength: alg.slice(2) / 8 } : algorithm
    return await crypto.subtle.verify(
      parameters,
      imported,
      Buffer.from(signature, 'base64url'),
      Buffer.from(signing_input),
    )
  } catch {
    return false
  }
}
