// Tokens and sealed values as text: parts between dots.

/** Another first letter in a part: whatever was authenticated is so no longer. */
export function flip(value, part) {
  const parts = value.split('.');
  const first = parts[part].at(0) === 'A' ? 'B' : 'A';
  parts[part] = first + parts[part].slice(1);
  return parts.join('.');
}

/** The claims of a signed token, unverified. */
export const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
