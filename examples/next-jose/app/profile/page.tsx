'use client';

import { useSession } from 'edgeward/react';
import { useRouter } from 'next/navigation';
import { useEffect } from 'react';

/** A client page: the gate let it through, this shows who it is, and leaves when the session ends meanwhile. */
export default function Profile() {
  const { status, session, refresh } = useSession();
  const router = useRouter();
  useEffect(() => {
    if (status === 'unauthenticated') router.replace('/login');
  }, [status, router]);
  return (
    <main>
      <h1>Profile</h1>
      <p id="who">
        {status} {session?.sub} {String(session?.role ?? '')}
      </p>
      <button onClick={() => refresh()}>Refresh</button>
    </main>
  );
}
