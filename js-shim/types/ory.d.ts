import type { EdgewardMiddleware } from './next.js';
import type { EdgewardFormat, Kratos, Reference, Require, Route, Session } from './config.js';
import type { Options } from './shared.js';

export type { Code, LogEvent } from './shared.js';

/** What an `ory.config.ts` holds, as far as the middleware reads it. */
export interface OryConfig {
  project?: { [name: string]: unknown };
  [name: string]: unknown;
}

export interface OryOptions extends Options {
  /** Where requests are sent; else `ORY_KRATOS_URL`, `ORY_SDK_URL`, `NEXT_PUBLIC_ORY_SDK_URL`. */
  upstream?: string;
  /** The exact origins of the app; needed with `session`, for `ORY_PROJECT_API_TOKEN` to be sent, and in production. */
  publicOrigins?: string[];
  /** Rules; the first match wins. */
  routes?: Route[];
  /** What a path needs that no rule lists; `public` where nothing is said. */
  default?: Require;
  /** Where a guest page sends who is signed in. */
  signedIn?: string;
  /** The sealed copy of the Kratos session. */
  session?: { secrets: Reference | Reference[] } & Omit<Partial<Extract<Session, EdgewardFormat>>, 'format' | 'secrets'>;
  /** More of `[kratos]`: `claims`, `fresh_within`, `ui` … */
  kratos?: Partial<Kratos>;
}

/** In place of `createOryMiddleware` of `@ory/nextjs/middleware`. With one argument it is a tunnel only. */
export function createOryMiddleware(ory?: OryConfig, options?: OryOptions): EdgewardMiddleware;
