import { edgeward } from 'edgeward/next';

import { document } from './gate';

export default edgeward(document);

export const config = { matcher: ['/((?!_next/static/|_next/image$|favicon\\.ico$).*)'] };
