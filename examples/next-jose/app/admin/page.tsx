import { verifySession } from '../../lib/dal';

export default async function Admin() {
  const { sub } = await verifySession();
  return <h1>Admin: {sub}</h1>;
}
