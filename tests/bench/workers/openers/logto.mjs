import { decodeJwt } from 'jose';
import { unwrapSession } from 'logto-session';

import { value } from './cookie.mjs';

// Signed in is who has an id token; the library looked at it when the session began.
export default async ({ SECRET }) => async (cookie) => decodeJwt((await unwrapSession(decodeURIComponent(value(cookie)), SECRET, crypto)).idToken).sub;
