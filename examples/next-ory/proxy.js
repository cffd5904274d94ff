import { createOryMiddleware } from 'edgeward/ory'; // was '@ory/nextjs/middleware'

import { options } from './gate';
import oryConfig from './ory.config';

export default createOryMiddleware(oryConfig, options);

export const config = { matcher: ['/((?!_next/static/|_next/image$|favicon\\.ico$).*)'] };
