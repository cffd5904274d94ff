// Written by EDGEWARD_WRITE_DOCS=1 cargo test --test it gate::decision_types. From what the gate says.

import type { Code } from './codes.js';

/** One line of the log, as data: docs/contract.md. */
export interface LogEvent {
  action: 'continue' | 'redirect' | 'respond' | 'forward';
  class?: 'navigation' | 'data' | 'prefetch' | 'server_action' | 'api' | 'preflight' | 'websocket' | 'asset';
  code: Code;
  effects?: { ms: number; ok: boolean; purpose: string }[];
  request_id: string;
  rule?: string;
  session?: Code;
  status?: number;
  trace?: { readings?: string[]; rules?: string[]; unmet?: string };
}

/** A session, as `getSession` gives it. */
export interface Session {
  aal?: 'aal1' | 'aal2' | 'aal3';
  amr?: string[];
  auth_time?: number;
  born?: number;
  claims: Record<string, unknown>;
  email?: string;
  email_verified?: boolean;
  /** The end of this value, in seconds since the epoch. */
  exp: number;
  roles?: string[];
  sid?: string;
  sub: string;
}

/** What `seal` takes. */
export interface NewSession {
  aal?: 'aal1' | 'aal2' | 'aal3';
  amr?: string[];
  /** When the person proved who they are, in seconds; now where nothing is said. */
  auth_time?: number;
  claims?: Record<string, unknown>;
  email?: string;
  email_verified?: boolean;
  roles?: string[];
  /** This login; random where nothing is said. */
  sid?: string;
  /** The user's id. */
  sub: string;
}
