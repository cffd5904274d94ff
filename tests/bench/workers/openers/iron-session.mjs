import { unsealData } from 'iron-session';

import { value } from './cookie.mjs';

export default async ({ SECRET }) => (cookie) => unsealData(value(cookie), { password: SECRET, ttl: 14 * 86_400 });
