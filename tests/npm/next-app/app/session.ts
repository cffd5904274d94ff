import { edgeward } from 'edgeward/server';

import { document } from '../gate';

export const { getSession, requireSession, seal, clear } = edgeward(document);
