import type { NextApiRequest, NextApiResponse } from 'next';

import { requireSession, } from '../../app/session';

export default async function handler(req: NextApiRequest, res: NextApiResponse) {
  res.json({ sub: (await requireSession(req)).sub });
}
