import { createServerClient } from '@supabase/ssr';

import { table } from './cookie.mjs';

// A client for each request, as its guide has it.
export default async ({ URL, JWKS }) => {
  const jwks = JSON.parse(JWKS);
  return async (cookie) => {
    const all = Object.entries(table(cookie)).map(([name, value]) => ({ name, value }));
    const client = createServerClient(URL, 'sb_publishable_x', { cookies: { getAll: () => all, setAll() {} } });
    return (await client.auth.getClaims(undefined, { jwks })).data?.claims?.sub;
  };
};
