'use server';

import { redirect } from 'next/navigation';

import { createSession, deleteSession } from '../../lib/session';

const PEOPLE: Record<string, { password: string; role: string }> = {
  ann: { password: 'ann', role: 'user' },
  root: { password: 'root', role: 'admin' },
};

export async function login(form: FormData) {
  const name = String(form.get('name'));
  const person = PEOPLE[name];
  if (person === undefined || person.password !== form.get('password')) redirect('/login?wrong=1');
  await createSession(name, person.role);
  // Only a path of this app; the gate never sends another one.
  const to = String(form.get('return_to') ?? '');
  redirect(/^\/(?![/\\])/.test(to) ? to : '/dashboard');
}

export async function logout() {
  await deleteSession();
  redirect('/login');
}
