// A whole world of a test's own, where the shared one has the wrong settings: mail sink, Kratos, the demo's origin and a Worker.

import { once } from 'node:events';

import { createOrigin } from '../../../examples/cloudflare/origin/server.mjs';
import { startKratos } from '../kratos/start.mjs';
import { freePort } from './http.mjs';
import { startWorker } from './workers.mjs';
import { given } from './world.mjs';

/**
 * Starts it.
 *
 * @param kratos values for Kratos' template, or a function from the public origin to them
 * @param edit changes the Worker's config in place
 * @param origin more options for the demo's origin
 * @param port where a browser visits; any free one without it
 * @returns `origin` (what a browser visits), `port`, `kratos` (start.mjs), `worker`, `never` (hosts that no browser may ask), `stop`
 */
export async function startStack({ kratos: settings = {}, edit = () => {}, origin: options = {}, port: at } = {}) {
  const [port, appPort] = [at ?? (await freePort()), await freePort()];
  const origin = `http://localhost:${port}`;
  const kratos = await startKratos(given('KRATOS_BINARY'), origin, typeof settings === 'function' ? settings(origin) : settings);
  let app;
  try {
    const worker = await startWorker((config, secrets) => {
      config.public_origins = [origin];
      config.kratos.url = kratos.url;
      const { audience = origin } = config.assertion;
      app = createOrigin({ lock: secrets.ORIGIN_LOCK, secret: secrets.ASSERTION_SECRET, audience, kratosUrl: kratos.url, testEndpoints: true, ...options });
      config.origin.url = `http://127.0.0.1:${appPort}`;
      edit(config, secrets);
    }, { at: port });
    app.listen(appPort, '127.0.0.1');
    await once(app, 'listening');
    const stop = async () => {
      await worker.stop();
      app.closeAllConnections();
      app.close();
      await kratos.stop();
    };
    const never = [kratos.url, kratos.adminUrl, `http://127.0.0.1:${appPort}`].map((url) => new URL(url).host);
    return { origin, port, kratos, worker, never, stop };
  } catch (error) {
    app?.close();
    await kratos.stop();
    throw error;
  }
}
