import type { ReactNode } from 'react';

/** What the gate's endpoint shows: `sub`, `exp`, and what `session.to_client` lists. */
export interface ClientSession {
  sub: string;
  exp: number;
  [claim: string]: unknown;
}

export type SessionState = (
  | { status: 'loading'; session: null }
  | { status: 'authenticated'; session: ClientSession }
  | { status: 'unauthenticated'; session: null }
) & {
  /** Asks the gate again. */
  refresh(): Promise<unknown>;
};

export function SessionProvider(props: {
  children?: ReactNode;
  /** The gate's session endpoint; `/.edgeward/session` where nothing is said. */
  endpoint?: string;
  /** What a server component knows already; nothing is fetched then until the visitor comes back to the tab. */
  session?: ClientSession | null;
  fetch?: typeof fetch;
}): ReactNode;

export function useSession(): SessionState;
