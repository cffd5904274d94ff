import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Kratos } from './config.js';
import type { Options } from './shared.js';

export interface ApiOptions extends Options {
  /** Where requests are sent; else `ORY_KRATOS_URL` or `ORY_SDK_URL`, of which only one may be set, or `NEXT_PUBLIC_ORY_SDK_URL`. */
  upstream?: string;
  /** The exact origins of the app; needed for `ORY_PROJECT_API_TOKEN` to be sent, and in production. */
  publicOrigins?: string[];
  kratos?: Partial<Kratos>;
}

/** The handler of `pages/api/.ory/[...paths].ts`. */
export function createApiHandler(options?: ApiOptions): (req: IncomingMessage, res: ServerResponse) => Promise<void>;

/** `export { config }` beside the handler: the body is streamed. */
export const config: { api: { bodyParser: false } };

/** For the client library in the browser. */
export const edgeConfig: { basePath: string; baseOptions: { withCredentials: boolean } };
