// What a browser's bundle gets in place of the gate: one sentence and the fix.

const wrong = (name) => () => {
  throw new Error(`edgeward: \`${name}\` was called in the browser, where the gate has no secrets; call it in middleware.ts, proxy.ts, a server component or a route handler, and use \`edgeward/react\` in client components.`);
};

export const edgeward = wrong('edgeward');
export const createGate = wrong('createGate');
export const createOryMiddleware = wrong('createOryMiddleware');
export const createApiHandler = wrong('createApiHandler');
export const forge = wrong('forge');
export const checkMatcher = wrong('checkMatcher');
export const config = {};
export const edgeConfig = {};
export class SessionError extends Error {}
