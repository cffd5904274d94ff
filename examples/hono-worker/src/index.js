import { Hono } from 'hono';
import { html } from 'hono/html';

import { gateOf, gated } from './gate.js';

const PEOPLE = { ann: ['user'], root: ['admin'] };

const app = new Hono();
app.use(gated);

app.get('/', (c) => c.html(html`<h1>Home</h1><a href="/notes">Notes</a>`));

app.get('/login', (c) => {
  const to = c.req.query('return_to') ?? '/notes';
  return c.html(html`<h1>Sign in</h1><form method="post"><input name="name" placeholder="Name"><input type="hidden" name="to" value="${to}"><button>Sign in</button></form>`);
});

app.post('/login', async (c) => {
  const { name, to } = await c.req.parseBody();
  if (PEOPLE[name] === undefined) return c.redirect('/login?wrong=1', 303);
  const { server } = gateOf(c.env);
  const cookies = await server.seal({ sub: name, roles: PEOPLE[name], claims: { name } }, c.req.raw);
  for (const cookie of cookies) c.header('set-cookie', String(cookie), { append: true });
  return c.redirect(/^\/(?![/\\])/.test(to) ? to : '/notes', 303);
});

app.post('/logout', async (c) => {
  for (const cookie of await gateOf(c.env).server.clear(c.req.raw)) c.header('set-cookie', String(cookie), { append: true });
  return c.redirect('/', 303);
});

app.get('/notes', async (c) => {
  const session = await gateOf(c.env).server.requireSession(c.req.raw);
  return c.html(html`<h1>Notes of ${session.sub}</h1><form method="post" action="/logout"><button>Sign out</button></form>`);
});

app.get('/admin', (c) => c.html(html`<h1>Admin</h1>`));

app.get('/api/me', async (c) => c.json(await gateOf(c.env).server.getSession(c.req.raw)));

export default app;
