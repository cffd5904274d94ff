'use client';
// The session in client components: one fetch of the gate's endpoint, no wasm, no secret, no token.

import { createContext, createElement, useCallback, useContext, useEffect, useMemo, useState } from 'react';

const Context = createContext(undefined);

/** Fetches the session once, and again when the visitor comes back to the tab. */
export function SessionProvider({ children, endpoint = '/.edgeward/session', session = undefined, fetch: ask = (...input) => fetch(...input) }) {
  const [state, setState] = useState(() => (session === undefined ? { status: 'loading', session: null } : known(session)));
  const refresh = useCallback(async () => {
    const next = await load(ask, endpoint);
    if (next !== undefined) setState(next);
    return next;
  }, [ask, endpoint]);
  useEffect(() => {
    if (session === undefined) refresh();
    const seen = () => document.visibilityState === 'visible' && refresh();
    document.addEventListener('visibilitychange', seen);
    return () => document.removeEventListener('visibilitychange', seen);
    // The function of a parent is a new one in each of its renders: the first counts.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [endpoint]);
  const value = useMemo(() => ({ ...state, refresh }), [state, refresh]);
  return createElement(Context.Provider, { value }, children);
}

/** `{ status: 'loading' | 'authenticated' | 'unauthenticated', session, refresh }`. */
export function useSession() {
  const value = useContext(Context);
  if (value === undefined) throw new Error('edgeward: `useSession` has no session above it; put `<SessionProvider>` around the component, in the layout.');
  return value;
}

const known = (session) => (session === null ? { status: 'unauthenticated', session: null } : { status: 'authenticated', session });

/** Nothing where the answer says neither who nor nobody: what was known stays. */
async function load(ask, endpoint) {
  try {
    const response = await ask(endpoint, { headers: { accept: 'application/json' }, credentials: 'same-origin', cache: 'no-store' });
    if (response.ok) return known(await response.json());
    return response.status === 401 || response.status === 403 ? known(null) : undefined;
  } catch {
    return undefined;
  }
}
