import type { Code, Cookie, EdgewardConfig, NewSession, Options, Require, Session } from './shared.js';

export type { Code, Cookie, EdgewardConfig, NewSession, Options, Require, Session } from './shared.js';

/** `cookies()` of Next.js. */
export interface CookieStore {
  getAll(): { name: string; value: string }[];
}

/** `headers()` of Next.js. */
export interface HeaderStore {
  get(name: string): string | null;
  entries(): IterableIterator<[string, string]>;
}

/** Node's request, of an API route or `getServerSideProps`. */
export interface NodeRequest {
  headers: Record<string, string | string[] | undefined>;
}

/** What a session is read from. */
export type SessionSource = Request | Headers | HeaderStore | CookieStore | NodeRequest;

type Awaitable<T> = T | Promise<T>;

/** Why there is no session. */
export type Reason = 'none' | 'expired' | 'forbidden' | 'stripped' | 'unavailable';

export type SessionResult =
  | { status: 'session'; session: Session }
  | { status: Reason; code: Code; loginUrl?: string };

/** What `requireSession` throws. */
export class SessionError extends Error {
  readonly reason: Reason;
  /** 401, 403, 500 for `stripped`, 503 for `unavailable`. */
  readonly status: number;
  readonly code: Code;
  readonly loginUrl?: string;
}

export interface SessionHelpers {
  /** Who the visitor is, opened and verified once more. */
  getSession(source: Awaitable<SessionSource>, requirement?: Require): Promise<SessionResult>;
  /** The session, or a `SessionError`. */
  requireSession(source: Awaitable<SessionSource>, requirement?: Require): Promise<Session>;
  /** The cookies that sign the visitor in, for a config whose `session.format` is `edgeward`. */
  seal(session: NewSession, source?: Awaitable<SessionSource>): Promise<Cookie[]>;
  /** The cookies that sign the visitor out. */
  clear(source: Awaitable<SessionSource>): Promise<Cookie[]>;
}

/** The helpers of one config. */
export function edgeward(config: EdgewardConfig, options?: Options): SessionHelpers;
