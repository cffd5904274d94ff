import { Verification } from '@ory/elements-react/theme';
import { getVerificationFlow } from '@ory/nextjs/app';

import config from '../../ory.config';

export default async function VerificationPage({ searchParams }) {
  const flow = await getVerificationFlow(config, searchParams);
  return flow ? <Verification flow={flow} config={config} /> : null;
}
