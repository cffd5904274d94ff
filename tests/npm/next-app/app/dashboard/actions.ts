'use server';

import { headers } from 'next/headers';

import { requireSession } from '../session';

export async function rename() {
  const session = await requireSession(headers());
  console.log(`renamed:${session.sub}`);
}
