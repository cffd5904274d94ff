'use client';

import { SessionProvider, useSession } from 'edgeward/react';

function Who() {
  const { status, session } = useSession();
  return (
    <p id="who">
      {status}:{String(session?.email)}
    </p>
  );
}

export default function Client() {
  return (
    <SessionProvider>
      <Who />
    </SessionProvider>
  );
}
