import { edgeward } from 'edgeward/server';
import { getServerSession } from 'next-auth';
import { headers } from 'next/headers';

import { authOptions } from '../../auth';
import { document } from '../../gate';
import { SignOut } from './sign-out';

const { requireSession } = edgeward(document);

export default async function Dashboard() {
  // Both read the same cookie; the app may keep either.
  const [theirs, ours] = [await getServerSession(authOptions), await requireSession(headers())];
  return (
    <main>
      <h1>
        {theirs.user.name}, {ours.sub}
      </h1>
      <SignOut />
    </main>
  );
}
