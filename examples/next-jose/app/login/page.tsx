import { login } from './actions';

export default async function Login({ searchParams }: { searchParams: Promise<{ return_to?: string; wrong?: string }> }) {
  const { return_to, wrong } = await searchParams;
  return (
    <main>
      <h1>Sign in</h1>
      {wrong && <p role="alert">Wrong name or password.</p>}
      <form action={login}>
        <input name="name" placeholder="Name" />
        <input name="password" type="password" placeholder="Password" />
        <input name="return_to" type="hidden" defaultValue={return_to} />
        <button>Sign in</button>
      </form>
    </main>
  );
}
