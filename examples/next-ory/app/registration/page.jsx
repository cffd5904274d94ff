import { Registration } from '@ory/elements-react/theme';
import { getRegistrationFlow } from '@ory/nextjs/app';

import config from '../../ory.config';

export default async function RegistrationPage({ searchParams }) {
  const flow = await getRegistrationFlow(config, searchParams);
  return flow ? <Registration flow={flow} config={config} /> : null;
}
