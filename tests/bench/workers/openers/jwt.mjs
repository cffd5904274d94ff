import { importSPKI, jwtVerify } from 'jose';

import { utf8, value } from './cookie.mjs';

export default async ({ SECRET, PEM, ALG }) => {
  const mac = { name: 'HMAC', hash: 'SHA-256' };
  const key = PEM ? await importSPKI(PEM, ALG) : await crypto.subtle.importKey('raw', utf8(SECRET), mac, false, ['verify']);
  return (cookie) => jwtVerify(value(cookie), key, { algorithms: [ALG] });
};
