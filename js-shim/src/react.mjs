'use client';
// The session in client components: one fetch of the gate's endpoint, no wasm, no secret, no token.

import { createContext, createElement, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react';

const Context = createContext(undefined);

/** What was asked so recently is not asked again for another component of the same page. */
const FRESH_MS = 1_000;

/** Fetches the session, and again when a component that uses it appears or the visitor comes back to the tab. */
export function SessionProvider({ children, endpoint = '/.edgeward/session', session = undefined, fetch: ask = undefined }) {
  const [state, setState] = useState(() => (session === undefined ? { status: 'loading', session: null } : known(session)));
  const asked = useRef({ at: session === undefined ? 0 : Date.now(), call: undefined });
  // The function of a parent is a new one in each of its renders.
  const by = useRef(ask);
  by.current = ask;
  const refresh = useCallback(() => {
    const last = asked.current;
    last.call ??= load(by.current ?? fetch, endpoint).then((next) => {
      [last.at, last.call] = [Date.now(), undefined];
      if (next !== undefined) setState(next);
      return next;
    });
    return last.call;
  }, [endpoint]);
  const seen = useCallback(() => (Date.now() - asked.current.at < FRESH_MS ? undefined : refresh()), [refresh]);
  useEffect(() => {
    seen();
    const back = () => document.visibilityState === 'visible' && seen();
    document.addEventListener('visibilitychange', back);
    return () => document.removeEventListener('visibilitychange', back);
  }, [seen]);
  const value = useMemo(() => ({ state, refresh, seen }), [state, refresh, seen]);
  return createElement(Context.Provider, { value }, children);
}

/** `{ status: 'loading' | 'authenticated' | 'unauthenticated', session, refresh }`. */
export function useSession() {
  const value = useContext(Context);
  if (value === undefined) throw new Error('edgeward: `useSession` has no session above it; put `<SessionProvider>` around the component, in the layout.');
  const { state, refresh, seen } = value;
  // Whoever was nobody on the page before may have signed in on the way here: nobody is sent away before that is asked.
  const [sure, setSure] = useState(state.status !== 'unauthenticated');
  useEffect(() => {
    Promise.resolve(sure ? seen() : refresh()).then(() => setSure(true));
    // Once, when the component appears.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  return sure ? { ...state, refresh } : { status: 'loading', session: null, refresh };
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
