import { edgeward } from 'edgeward/server';
import type { GetServerSidePropsContext } from 'next';

import { document } from '../../gate';

const { getSession } = edgeward(document);

export async function getServerSideProps({ req }: GetServerSidePropsContext) {
  const result = await getSession(req);
  if (result.status !== 'session') return { redirect: { destination: '/login', permanent: false } };
  return { props: { who: result.session.sub } };
}

export default function Reports({ who }: { who: string }) {
  return <h1>Reports of {who}</h1>;
}
