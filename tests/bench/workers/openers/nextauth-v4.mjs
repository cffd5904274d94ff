import { decode } from 'next-auth/jwt';

import { value } from './cookie.mjs';

export default async ({ SECRET }) => (cookie) => decode({ token: value(cookie), secret: SECRET });
