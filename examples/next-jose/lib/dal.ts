import 'server-only';

import { edgeward, SessionError } from 'edgeward/server';
import { headers } from 'next/headers';
import { redirect } from 'next/navigation';
import { cache } from 'react';

import { document } from '../gate';

const { getSession, requireSession } = edgeward(document);

/** The gate in front is optimistic; whoever hands out data asks once more. */
export const verifySession = cache(async () => {
  const result = await getSession(headers());
  if (result.status !== 'session') redirect('/login');
  return result.session;
});

const TEAM = [
  { name: 'Ann', salary: 1000 },
  { name: 'Ben', salary: 2000 },
];

/** What of the team the visitor may see. */
export async function team() {
  try {
    await requireSession(headers(), { any: [{ role: 'admin' }] });
    return TEAM;
  } catch (error) {
    if (error instanceof SessionError && error.reason === 'forbidden') return TEAM.map(({ name }) => ({ name }));
    throw error;
  }
}
