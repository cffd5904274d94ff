import { Settings } from '@ory/elements-react/theme';
import { getSettingsFlow } from '@ory/nextjs/app';

import config from '../../ory.config';

export default async function SettingsPage({ searchParams }) {
  const flow = await getSettingsFlow(config, searchParams);
  return flow ? <Settings flow={flow} config={config} /> : null;
}
