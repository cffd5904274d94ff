import { edgeward } from 'edgeward/server';
import { getLogoutFlow } from '@ory/nextjs/app';
import { headers } from 'next/headers';

import { options } from '../../gate';

const { publicOrigins, signedIn, session, kratos, ...rest } = options;

const { requireSession } = edgeward({
  ...rest,
  public_origins: publicOrigins,
  signed_in: signedIn,
  session: { format: 'edgeward', ...session },
  kratos: { url: process.env.ORY_KRATOS_URL ?? 'http://127.0.0.1:4433', ...kratos },
});

export default async function Dashboard() {
  const { email } = await requireSession(headers());
  const { logout_url } = await getLogoutFlow({ returnTo: '' });
  return (
    <main>
      <h1>Dashboard of {email}</h1>
      <a href={logout_url}>Sign out</a>
    </main>
  );
}
