'use server';

import { headers } from 'next/headers';

import { requireSession } from '../session';

export async function rename() {
  const session = await requireSession(headers());
  return `renamed:${session.sub}`;
}
