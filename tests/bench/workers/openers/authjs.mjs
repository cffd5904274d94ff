import { decode } from '@auth/core/jwt';

import { value } from './cookie.mjs';

export default async ({ SECRET }) => (cookie) => decode({ token: value(cookie), secret: SECRET, salt: '__Secure-authjs.session-token' });
