import type { GetServerSidePropsContext } from 'next';

import { getSession } from '../../app/session';

export async function getServerSideProps({ req }: GetServerSidePropsContext) {
  const result = await getSession(req);
  return { props: { who: result.status === 'session' ? result.session.sub : result.status } };
}

export default function Legacy({ who }: { who: string }) {
  return <main>legacy:{who};</main>;
}
