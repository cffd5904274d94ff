import { WorkOS } from '@workos-inc/node';

import { answering, value } from './cookie.mjs';

export default async ({ SECRET, CLIENT, JWKS }) => {
  answering(JWKS);
  const workos = new WorkOS('sk_x', { clientId: CLIENT });
  return async (cookie) => {
    const session = workos.userManagement.loadSealedSession({ sessionData: value(cookie), cookiePassword: SECRET });
    return (await session.authenticate()).authenticated;
  };
};
