// What an edge runtime's bundle gets in place of the entries for Node's own server: one sentence and the fix.

const wrong = (name, entry) => () => {
  throw new Error(`edgeward: \`${name}\` of \`${entry}\` needs Node's own server, and this is an edge runtime; use \`edgeward/next\` in a middleware of Next.js, \`edgeward/fetch\` elsewhere.`);
};

export const edgeward = wrong('edgeward', 'edgeward/node');
export const createApiHandler = wrong('createApiHandler', 'edgeward/ory/pages');
export const config = {};
export const edgeConfig = {};
