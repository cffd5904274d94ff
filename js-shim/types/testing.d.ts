import type { Cookie, EdgewardConfig, NewSession } from './shared.js';

export type { Cookie, EdgewardConfig, NewSession } from './shared.js';

/** A session cookie as the gate would write it, for tests of your own. */
export function forge(
  config: EdgewardConfig,
  session: NewSession,
  options?: {
    /** Where the secrets are; `process.env` where nothing is said. */
    env?: Record<string, unknown>;
    /** The origin that is visited; the first public one where nothing is said. */
    origin?: string;
    /** When it was sealed, in milliseconds since the epoch. */
    now?: number;
  },
): Promise<{
  cookies: Cookie[];
  /** The value of a `Cookie` field. */
  header: string;
}>;

/** Throws where a matcher of Next.js lets a guarded path, or one of the gate's own, past the gate. */
export function checkMatcher(config: EdgewardConfig, matcher: string | string[]): void;
