import { edgeward } from 'edgeward/node';
import { edgeward as helpers } from 'edgeward/server';
import express from 'express';
import next from 'next';

import { document } from './gate.mjs';

const PEOPLE = { ann: ['user'], root: ['admin'] };
const port = Number(process.env.PORT ?? 3000);

const pages = next({ dev: false, hostname: 'localhost', port });
await pages.prepare();
const render = pages.getRequestHandler();
const { getSession, seal, clear } = helpers(document);

const app = express();
app.use(edgeward(document));

app.post('/login', express.urlencoded({ extended: false }), async (req, res) => {
  const { name, to } = req.body;
  if (PEOPLE[name] === undefined) return res.redirect(303, '/login?wrong=1');
  for (const cookie of await seal({ sub: name, roles: PEOPLE[name] }, req)) res.append('set-cookie', String(cookie));
  return res.redirect(303, /^\/(?![/\\])/.test(to) ? to : '/dashboard');
});

app.post('/logout', async (req, res) => {
  for (const cookie of await clear(req)) res.append('set-cookie', String(cookie));
  res.redirect(303, '/');
});

app.get('/api/me', async (req, res) => res.json(await getSession(req)));
app.get('/api/admin/report', (req, res) => res.json({ report: true }));
app.use((req, res) => render(req, res));

app.listen(port, '127.0.0.1');
