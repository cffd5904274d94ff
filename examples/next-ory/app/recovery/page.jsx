import { Recovery } from '@ory/elements-react/theme';
import { getRecoveryFlow } from '@ory/nextjs/app';

import config from '../../ory.config';

export default async function RecoveryPage({ searchParams }) {
  const flow = await getRecoveryFlow(config, searchParams);
  return flow ? <Recovery flow={flow} config={config} /> : null;
}
