// How the openers read a cookie header, where their library leaves that to the app.

export const utf8 = (text) => new TextEncoder().encode(text);

/** The value of the one cookie there is. */
export const value = (header) => header.slice(header.indexOf('=') + 1);

/** Name → value. */
export const table = (header) => Object.fromEntries(header.split('; ').map((pair) => [pair.slice(0, pair.indexOf('=')), value(pair)]));

/** Answers a library's question for a key set; it keeps the answer. */
export function answering(jwks) {
  globalThis.fetch = async () => new Response(jwks, { headers: { 'content-type': 'application/json' } });
}
