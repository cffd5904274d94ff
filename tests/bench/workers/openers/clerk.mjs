import { createClerkClient } from '@clerk/backend';

export default async ({ PUBLISHABLE, PEM, ORIGIN }) => {
  const clerk = createClerkClient({ secretKey: 'sk_live_x', publishableKey: PUBLISHABLE });
  return async (cookie) => {
    const request = new Request(`${ORIGIN}/app`, { headers: { cookie, accept: 'text/html', 'sec-fetch-dest': 'document' } });
    return (await clerk.authenticateRequest(request, { jwtKey: PEM, authorizedParties: [ORIGIN] })).isAuthenticated;
  };
};
