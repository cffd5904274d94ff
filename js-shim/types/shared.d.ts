import type { Code } from './codes.js';
import type { EdgewardConfig, Require } from './config.js';

export type { Code, EdgewardConfig, Require };

/** One line of the log, as data: docs/contract.md. */
export interface LogEvent {
  request_id: string;
  code: Code;
  action: 'continue' | 'redirect' | 'respond' | 'forward';
  rule?: string;
  class?: string;
  session?: Code;
  status?: number;
  [name: string]: unknown;
}

/** What each entry takes beside the config. */
export interface Options {
  /** Where secrets are looked up; `process.env` where nothing is said. */
  env?: Record<string, unknown>;
  /** `true` logs every request, `false` none; else a function. By default whoever was turned away is logged. */
  log?: boolean | ((event: LogEvent) => void);
}

/** A session, as `getSession` gives it. */
export interface Session {
  sub: string;
  /** The end of this value, in seconds since the epoch. */
  exp: number;
  sid?: string;
  born?: number;
  auth_time?: number;
  aal?: 'aal0' | 'aal1' | 'aal2' | 'aal3';
  amr?: string[];
  email?: string;
  email_verified?: boolean;
  roles?: string[];
  claims: Record<string, unknown>;
}

/** What `seal` takes. */
export interface NewSession {
  /** The user's id. */
  sub: string;
  /** This login; random where nothing is said. */
  sid?: string;
  email?: string;
  email_verified?: boolean;
  roles?: string[];
  aal?: 'aal1' | 'aal2' | 'aal3';
  amr?: string[];
  /** When the person proved who they are, in seconds; now where nothing is said. */
  auth_time?: number;
  claims?: Record<string, unknown>;
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
