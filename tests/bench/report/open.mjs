// The tables of one decision and of the library's own check.

import { one, range, table, times } from './words.mjs';

/** How often the library's time the gate's is; where nothing was left of it, at least so often. */
const ratio = (times_, opening, least) => `${opening < least ? '≥ ' : ''}${times(times_)}`;

function side(rows, gate, library) {
  const head = ['format', 'bytes', 'whole decision, µs', 'opening alone', 'library, µs', 'whole, ratio', 'opening, ratio'];
  return table(head, rows.map((row) => [
    row.format, row.bytes, range(row.us[gate]), one(row.opening[gate]), range(row.us[library]),
    times(row.whole[gate]), ratio(row.alone[gate], row.opening[gate], row.least),
  ]));
}

const walls = (rows) => table(['format', 'bytes', 'gate, fresh', 'gate, repeated', 'library'], rows.map(({ format, bytes, wall }) => [format, bytes, one(wall.fresh), one(wall.repeated), one(wall.library)]));

function peers(rows) {
  const all = new Map();
  for (const { peer, format } of rows) all.set(peer, [...new Set([...(all.get(peer) ?? []), format])]);
  return [...all].map(([peer, formats]) => `- ${formats.join(', ')}: ${peer}`).join('\n');
}

export const fresh = ({ rows }) => side(rows, 'fresh', 'library');
export const repeated = ({ rows }) => side(rows, 'repeated', 'libraryRepeated');
export const beside = ({ rows }) => `${peers(rows)}

<details><summary>Wall time, µs</summary>

${walls(rows)}

</details>`;

/** Format → the calls of WebCrypto that it comes down to. */
const CRYPTO = {
  'jwt HS256': ['HMAC-SHA256 verify'],
  'jwt RS256': ['RS256 verify'],
  'jwt ES256': ['ES256 verify'],
  'jwe A256GCM': ['AES-256-GCM decrypt'],
  'jwe A256CBC-HS512': ['AES-256-CBC decrypt', 'HMAC-SHA256 verify'],
  'edgeward, its own': ['AES-256-GCM decrypt'],
};

/** Where a fresh decision's time goes, beside what nobody gets below for the cryptography in it. */
export function parts({ rows }, { floor }) {
  const least = ({ format, size }) => CRYPTO[format].reduce((sum, name) => sum + floor.find((row) => row.name === name).us[size === 500 ? 0 : 1], 0);
  return table(
    ['format', 'bytes', 'whole decision, µs', 'without the session', 'opening', 'WebCrypto alone, key kept'],
    rows.filter(({ format }) => format in CRYPTO).map((row) => [row.format, row.bytes, one(row.us.fresh.median), one(row.us.around.median), one(row.opening.fresh), one(least(row))]),
  );
}
