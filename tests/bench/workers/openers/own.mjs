import { base64url, jwtDecrypt } from 'jose';

import { value } from './cookie.mjs';

export default async ({ KEY, AUDIENCE }) => {
  const key = base64url.decode(KEY);
  return (cookie) => jwtDecrypt(value(cookie), key, { audience: AUDIENCE, typ: 'edgeward-session+jwt' });
};
