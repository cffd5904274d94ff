// In place of `@ory/integrations`: the API route `pages/api/.ory/[...paths].ts`.

import { documentOf, originOf, perOrigin } from './core/ory.mjs';
import { processEnv } from './core/secrets.mjs';
import { edgeward } from './node.mjs';

/** `export const config`: the body is streamed, not parsed. */
export const config = { api: { bodyParser: false } };

/** For the client library in the browser. */
export const edgeConfig = { basePath: '/api/.ory', baseOptions: { withCredentials: true } };

/**
 * @param options `{ upstream, publicOrigins, kratos, env, log }`
 */
export function createApiHandler(options = {}) {
  const env = options.env ?? processEnv();
  if (options.upstream === undefined && env.ORY_KRATOS_URL && env.ORY_SDK_URL) {
    throw new Error('edgeward: `ORY_KRATOS_URL` and `ORY_SDK_URL` are both set; unset one of them.');
  }
  const make = (origins) => edgeward(documentOf({}, { ...options, mounts: ['/api/.ory'], session: undefined }, origins, env), { env, log: options.log });
  const fixed = options.publicOrigins === undefined ? undefined : make(options.publicOrigins);
  const gates = perOrigin((origin) => make([origin]));
  return function handler(req, res) {
    const headers = new Headers(Object.entries(req.headers).filter(([name, value]) => typeof value === 'string' && !name.startsWith(':')));
    // The fields name the host; one that is none must not get into a URL.
    const gate = fixed ?? gates(originOf(`http${req.socket?.encrypted ? 's' : ''}://localhost/`, headers));
    if (gate === undefined) return Promise.resolve(res.writeHead(421, { 'cache-control': 'private, no-store' }).end());
    return new Promise((resolve) => {
      res.once('close', resolve);
      gate(req, res, (error) => {
        res.writeHead(error ? 500 : 404, { 'cache-control': 'private, no-store' }).end();
      });
    });
  };
}
