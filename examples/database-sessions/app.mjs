// An app with sessions in a database, behind the gate. The cookie is a signed token that carries a session id and nothing else; the
// gate reads it to keep strangers away from the app, and the app looks the id up in SQLite to know who it is, and whether it still is.
// Plain Node >= 22.13 (node:sqlite), no dependencies.
import { createHmac, randomBytes, randomUUID, scryptSync, timingSafeEqual } from 'node:crypto';
import http from 'node:http';
import { DatabaseSync } from 'node:sqlite';

export const COOKIE = 'session';
/** Also the type that the gate wants to see (`session.typ`): a password-reset token of the same secret is no session. */
const TYP = 'session+jwt';
const LIFE_S = 7 * 86_400;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS users (id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE, salt BLOB NOT NULL, password BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE, expires_at INTEGER NOT NULL
  ) STRICT;`;

/** The tables, and every question that the app has for them. */
export function openStore(path = ':memory:') {
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA foreign_keys = ON; ${SCHEMA}`);
  const statement = Object.fromEntries(
    Object.entries({
      addUser: 'INSERT INTO users (id, email, salt, password) VALUES (?, ?, ?, ?)',
      userByEmail: 'SELECT id, salt, password FROM users WHERE email = ?',
      addSession: 'INSERT INTO sessions (id, user_id, expires_at) VALUES (?, ?, ?)',
      session: 'SELECT users.id, users.email FROM sessions JOIN users ON users.id = user_id WHERE sessions.id = ? AND expires_at > ?',
      endSession: 'DELETE FROM sessions WHERE id = ?',
      endSessions: 'DELETE FROM sessions WHERE user_id = ?',
    }).map(([name, sql]) => [name, database.prepare(sql)]),
  );
  return {
    addUser(email, password) {
      const [id, salt] = [randomUUID(), randomBytes(16)];
      statement.addUser.run(id, email, salt, scryptSync(password, salt, 32));
      return id;
    },
    /** The id of who has this address and password. */
    check(email, password) {
      const user = statement.userByEmail.get(email);
      const salt = user?.salt ?? Buffer.alloc(16);
      // As much work for an unknown address as for a known one.
      const given = scryptSync(password, salt, 32);
      return user && timingSafeEqual(given, user.password) ? user.id : undefined;
    },
    begin(user, now) {
      const id = randomBytes(32).toString('base64url');
      statement.addSession.run(id, user, now + LIFE_S);
      return id;
    },
    whose: (id, now) => statement.session.get(id, now),
    end: (id) => statement.endSession.run(id),
    endAll: (user) => statement.endSessions.run(user),
    close: () => database.close(),
  };
}

const b64 = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const mac = (input, secret) => createHmac('sha256', secret).update(input).digest('base64url');

/** The cookie's value for a session id: HS256, RFC 7515 compact. */
export function sign(sessionId, secret, now) {
  const input = `${b64({ alg: 'HS256', typ: TYP })}.${b64({ sessionId, iat: now, exp: now + LIFE_S })}`;
  return `${input}.${mac(input, secret)}`;
}

/** The session id in a value that this app signed and that has not run out. */
export function verify(value, secret, now) {
  const [header, payload, signature, ...rest] = value.split('.');
  if (!signature || rest.length || header !== b64({ alg: 'HS256', typ: TYP })) return undefined;
  const [given, expected] = [Buffer.from(signature), Buffer.from(mac(`${header}.${payload}`, secret))];
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  const { sessionId, exp } = JSON.parse(Buffer.from(payload, 'base64url'));
  return exp > now ? sessionId : undefined;
}

const ATTRIBUTES = 'Path=/; HttpOnly; Secure; SameSite=Lax';
const ended = `${COOKIE}=; ${ATTRIBUTES}; Max-Age=0`;

/** `lock` is the secret that the gate sends along; whoever comes without it came around the gate. */
export function createApp({ store, secret, lock, now = () => Math.floor(Date.now() / 1000) }) {
  const cookie = (request) => {
    const pairs = (request.headers.cookie ?? '').split('; ').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]);
    return pairs.find(([name]) => name === COOKIE)?.[1] ?? '';
  };
  return http.createServer(async (request, response) => {
    const say = (status, body, headers = {}) => response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', ...headers }).end(body);
    const to = (location, headers = {}) => response.writeHead(303, { location, ...headers }).end();
    if (request.headers['x-edgeward-origin-lock'] !== lock) return say(403, 'only through the gate');
    const { pathname, searchParams } = new URL(request.url, 'http://app.invalid');
    let body = '';
    for await (const chunk of request) if ((body += chunk).length > 10_000) return say(413, 'too much');
    const form = new URLSearchParams(body);

    if (pathname === '/') return say(200, '<h1>Welcome</h1><a href="/dashboard">Dashboard</a>');
    if (pathname === '/login') {
      const back = searchParams.get('return_to') ?? '/dashboard';
      if (request.method !== 'POST') return say(200, '<h1>Sign in</h1><form method="post"><input name="email"><input name="password" type="password"><button>Sign in</button></form>');
      const user = store.check(form.get('email') ?? '', form.get('password') ?? '');
      if (!user) return say(400, 'Address or password are wrong.');
      const value = sign(store.begin(user, now()), secret, now());
      // The gate checked `return_to` when it wrote it; a form can be posted by anybody.
      const safe = /^\/(?![/\\])/.test(back) ? back : '/dashboard';
      return to(safe, { 'set-cookie': `${COOKIE}=${value}; ${ATTRIBUTES}; Max-Age=${LIFE_S}` });
    }

    // Behind the gate: the token is sound or this would not have arrived. Whether the session still *is*, only the table knows.
    const id = verify(cookie(request), secret, now());
    const user = id && store.whose(id, now());
    if (!user) {
      // The cookie goes, too: to the gate it still looks like a session, and the sign-in page is for guests.
      if ((request.headers.accept ?? '').includes('application/json')) return say(401, '{"error":"signed out"}', { 'content-type': 'application/json', 'set-cookie': ended });
      return to(`/login?return_to=${encodeURIComponent(pathname)}`, { 'set-cookie': ended });
    }
    if (pathname === '/logout' && request.method === 'POST') {
      store.end(id);
      return to('/', { 'set-cookie': ended });
    }
    if (pathname === '/logout/everywhere' && request.method === 'POST') {
      store.endAll(user.id);
      return to('/', { 'set-cookie': ended });
    }
    if (pathname === '/dashboard') return say(200, `<h1>Hello, ${user.email.replace(/[<>&"]/g, '')}</h1>`);
    if (pathname === '/api/me') return say(200, JSON.stringify(user), { 'content-type': 'application/json' });
    return say(404, 'nothing here');
  });
}
