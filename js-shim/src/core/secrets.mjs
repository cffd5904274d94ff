// Secrets by reference: the document names them, the host's environment has them.

/** Every `{ env: "NAME" }` in a document. */
export function references(document) {
  const names = new Set();
  const look = (value) => {
    if (typeof value !== 'object' || value === null) return;
    const keys = Object.keys(value);
    if (keys.length === 1 && keys[0] === 'env' && typeof value.env === 'string') names.add(value.env);
    else for (const key of keys) look(value[key]);
  };
  look(document);
  return [...names];
}

/** The variables of the process, where the runtime has any. */
export const processEnv = () => globalThis.process?.env ?? {};

/** The secrets that are set, as pairs. */
export function resolve(names, env) {
  return names.filter((name) => isText(env[name])).map((name) => [name, env[name]]);
}

/** The secrets that are not set, in one sentence with the fix; nothing when all are. */
export function missing(names, env) {
  const unset = names.filter((name) => !isText(env[name]));
  if (unset.length === 0) return undefined;
  const which = unset.map((name) => `\`${name}\``).join(', ');
  return `edgeward: ${which} ${unset.length === 1 ? 'is' : 'are'} not set; put a secret of at least 32 characters there (in .env.local while you develop, in the platform's settings when you deploy; make one with \`openssl rand -base64 32\`).`;
}

const isText = (value) => typeof value === 'string' && value !== '';
