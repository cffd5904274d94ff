export const dynamic = 'force-dynamic';

export default function Admin() {
  return <main>admin page</main>;
}
