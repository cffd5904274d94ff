// The settings of Kratos that cost people days (field P 14-17, semantics 7.7), each wrong on purpose: what a visitor sees, and what the log says.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { startKratos } from '../live/kratos/start.mjs';
import { freePort } from '../live/world/http.mjs';
import { startOrigin } from '../live/world/origin.mjs';
import { Visitor } from '../live/world/visitor.mjs';
import { startWorker } from '../live/world/workers.mjs';
import { given } from '../live/world/world.mjs';

let app;
const places = [];

before(async () => {
  app = await startOrigin();
});
after(async () => {
  for (const { kratos, worker } of places) await Promise.all([kratos.stop(), worker.stop()]);
  app?.stop();
});

/** A Kratos and a Worker; `spoil` changes Kratos' config, `edit` the gate's. */
async function place(spoil, edit = () => {}) {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const kratos = await startKratos(given('KRATOS_BINARY'), origin, {}, (text, url) => spoil(text, { url, origin }));
  const worker = await startWorker((config) => {
    config.public_origins = [origin];
    config.kratos.url = kratos.url;
    config.origin.url = app.url;
    edit(config, { url: kratos.url, origin });
  }, { at: port });
  places.push({ kratos, worker });
  return { kratos, worker, origin, visitor: () => new Visitor(port, origin) };
}

const replaced = (text, from, to) => {
  assert.ok(text.includes(from), from);
  return text.replace(from, to);
};
const FOREIGN = 'tunnel.foreign_base';

test('base_url is the public origin: mails lead to the app, and the log is quiet', async () => {
  const { kratos, worker, origin, visitor } = await place((text) => text);
  const ann = await visitor().register();
  assert.match((await kratos.mailTo(ann.email)).text, new RegExp(`${origin}/self-service/verification`));
  assert.ok((await worker.log.wait()).every(({ code }) => code !== FOREIGN));
});

test('base_url is an address of Kratos itself: password flows work, mails lead elsewhere, and the log says so once', async () => {
  const { kratos, worker, origin, visitor } = await place((text, { url, origin }) => replaced(text, `base_url: ${origin}/`, `base_url: ${url}/`));
  const ann = await visitor().register();
  await ann.logout();
  const flow = await ann.flow('login');
  assert.ok(flow.ui.action.startsWith(`${origin}/`), 'what is JSON is mapped');
  await ann.login();
  assert.equal((await ann.page('/dashboard')).status, 200);
  // The symptom: nobody can rewrite a mail.
  assert.match((await kratos.mailTo(ann.email)).text, new RegExp(`${kratos.url}/self-service/verification`));
  for (let times = 0; times < 3; times += 1) await visitor().page('/self-service/login/browser');
  const told = (await worker.log.wait(8)).filter(({ code }) => code === FOREIGN);
  assert.equal(told.length, 1, JSON.stringify(told));
});

test('an origin that allowed_return_urls does not list: a deep link ends at the error page', async () => {
  const other = 'http://127.0.0.1';
  const { worker, visitor } = await place((text) => text, (config, { origin }) => config.public_origins.push(`${other}:${new URL(origin).port}`));
  const ann = new Visitor(worker.port, `${other}:${worker.port}`);
  const away = await ann.page('/dashboard/reports?tab=2');
  assert.equal(away.status, 302);
  const refused = await ann.page(away.headers.location);
  assert.match(refused.headers.location, /\/error\?id=/);
  // At the origin that is listed, the same works.
  const good = visitor();
  const begun = await good.page((await good.page('/dashboard/reports?tab=2')).headers.location);
  assert.match(begun.headers.location, /\/login\?flow=/);
});

test('a ui_url at the address of Kratos, from a copied example: the gate brings it home', async () => {
  const { origin, visitor } = await place((text, { url, origin }) => replaced(text, `ui_url: ${origin}/login`, `ui_url: ${url}/login`));
  const begun = await visitor().page('/self-service/login/browser');
  assert.equal(begun.status, 303);
  assert.ok(begun.headers.location.startsWith(`${origin}/login?flow=`), begun.headers.location);
});

test('a form posted without the CSRF cookie, as from a page on another host: refused, and no session', async () => {
  const { visitor } = await place((text) => text);
  const ann = await visitor().register();
  await ann.logout();
  const flow = await ann.flow('login');
  for (const name of [...ann.cookies.keys()]) if (name.startsWith('csrf_token')) ann.cookies.delete(name);
  const done = await ann.submit(flow, { method: 'password', identifier: ann.email, password: 'seven green Owls over the hill' });
  assert.equal(done.status, 403);
  assert.equal(done.json.error.id, 'security_csrf_violation');
  assert.equal((await ann.page('/dashboard')).status, 302);
});
