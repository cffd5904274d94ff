import { jwtDecrypt } from 'jose';

import { utf8, value } from './cookie.mjs';

export default async ({ SECRET }) => {
  const key = utf8(SECRET);
  return (cookie) => jwtDecrypt(value(cookie), key);
};
