export default async function Login({ searchParams }) {
  const { return_to } = await searchParams;
  return (
    <form method="post" action="/login">
      <h1>Sign in</h1>
      <input name="name" placeholder="Name" />
      <input name="to" type="hidden" defaultValue={return_to} />
      <button>Sign in</button>
    </form>
  );
}
