import { edgeward } from 'edgeward/server';

import { document } from '../gate.js';

export const { getSession, requireSession, seal, clear } = edgeward(document);
