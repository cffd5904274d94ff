import { team, verifySession } from '../../lib/dal';
import { logout } from '../login/actions';

export default async function Dashboard() {
  const { sub } = await verifySession();
  return (
    <main>
      <h1>Dashboard of {sub}</h1>
      <pre id="team">{JSON.stringify(await team())}</pre>
      <form action={logout}>
        <button>Sign out</button>
      </form>
    </main>
  );
}
