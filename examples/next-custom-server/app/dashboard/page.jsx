import { edgeward } from 'edgeward/server';
import { headers } from 'next/headers';

import { document } from '../../gate.mjs';

const { requireSession } = edgeward(document);

export default async function Dashboard() {
  const { sub } = await requireSession(headers());
  return (
    <form method="post" action="/logout">
      <h1>Dashboard of {sub}</h1>
      <button>Sign out</button>
    </form>
  );
}
