import { cookies, headers } from 'next/headers';

import { getSession } from '../session';
import { rename } from './actions';

export default async function Dashboard() {
  const result = await getSession(headers());
  const byCookies = await getSession(cookies());
  const cookie = (await cookies()).get('__Host-edgeward')?.value ?? 'none';
  return (
    <main>
      <p>who:{result.status === 'session' ? result.session.sub : result.status};</p>
      <p>by-cookies:{byCookies.status === 'session' ? byCookies.session.sub : byCookies.status};</p>
      <p>cookie:{cookie};</p>
      <p>spoofed:{(await headers()).get('x-edgeward-user') ?? 'none'};</p>
      <form action={rename}>
        <input name="name" />
        <button>Rename</button>
      </form>
    </main>
  );
}
