import type { Code } from './codes.js';
import type { EdgewardConfig, Require } from './config.js';
import type { LogEvent, NewSession, Session } from './decision.js';

export type { Code, EdgewardConfig, LogEvent, NewSession, Require, Session };

/** What each entry takes beside the config. */
export interface Options {
  /** Where secrets are looked up; `process.env` where nothing is said. */
  env?: Record<string, unknown>;
  /** `true` logs every request, `false` none; else a function. By default whoever was turned away is logged. */
  log?: boolean | ((event: LogEvent) => void);
}

/** A cookie to write: what `cookies().set` of Next.js takes; as text it is the `Set-Cookie` line. */
export interface Cookie {
  name: string;
  value: string;
  path?: string;
  domain?: string;
  maxAge?: number;
  expires?: Date;
  secure?: boolean;
  httpOnly?: boolean;
  sameSite?: 'lax' | 'strict' | 'none';
  toString(): string;
}
