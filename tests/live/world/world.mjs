// The running world that `cargo xtask test` gives to the live tests, by its environment.

/** A variable of the environment, or a word about who sets it. */
export function given(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run these tests with \`cargo xtask test worker browser\``);
  return value;
}

export const ORIGIN = given('EDGEWARD_URL');
/** The `Host` of every request: a Worker on another port serves the same public origin. */
export const HOST = new URL(ORIGIN).host;
export const PORT = Number(given('EDGEWARD_PORT'));
export const APP_PORT = Number(new URL(given('ORIGIN_URL')).port);
export const KRATOS_URL = given('KRATOS_PUBLIC_URL');
export const KRATOS_ADMIN_URL = given('KRATOS_ADMIN_URL');

export const COPY = '__Host-edgeward';
export const TOMBSTONE = '__Host-edgeward-out';
export const KRATOS_SESSION = 'ory_kratos_session';

/** What a browser says when a person goes to a page. */
export const NAVIGATION = [
  ['Accept', 'text/html,application/xhtml+xml'],
  ['Sec-Fetch-Mode', 'navigate'],
  ['Sec-Fetch-Dest', 'document'],
  ['Sec-Fetch-Site', 'same-origin'],
];

/** Asks Kratos' admin API. */
export async function admin(method, path, body) {
  const headers = body ? { 'content-type': 'application/json' } : {};
  const response = await fetch(KRATOS_ADMIN_URL + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text ? JSON.parse(text) : undefined;
}

/** An identity with the role `admin`. */
export function makeAdmin(email, password) {
  return admin('POST', '/admin/identities', {
    schema_id: 'person',
    traits: { email, name: 'Admin' },
    credentials: { password: { config: { password } } },
    verifiable_addresses: [{ value: email, verified: true, via: 'email', status: 'completed' }],
    metadata_public: { roles: ['admin'] },
  });
}
