import type { IncomingMessage, ServerResponse } from 'node:http';

import type { EdgewardConfig, Options as Shared } from './shared.js';

export type { Code, EdgewardConfig, LogEvent, Require } from './shared.js';

export interface Options extends Shared {
  /** The visitor's address; the socket's where nothing is said. Behind a proxy, read the field that it vouches for. */
  clientAddress?: (req: IncomingMessage) => string | undefined;
}

/** A middleware of Express, Connect, a custom Next.js server, or plain `node:http`. */
export function edgeward(
  config: EdgewardConfig,
  options?: Options,
): (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void;
