// The origin of the demo: a small app that never meets a browser. It answers only what comes through the gate (a shared secret
// in a header), and believes about a visitor only what the gate has signed. Plain Node >= 20, no dependencies.
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { account, mistake } from './account.mjs';
import { AssertionError, deriveKey, verifyAssertion } from './assertion.mjs';
import { direct, notice } from './layout.mjs';
import { admin, dashboard, home, reports, vault } from './pages.mjs';
import { initPath } from './paths.mjs';
import { IdentityServer } from './selfservice.mjs';
import { testEndpoint } from './probes.mjs';

const PAGES = { 'cache-control': 'no-store', 'content-type': 'text/html; charset=utf-8' };
// No script anywhere; pictures are ours or drawn into the page (the QR code of an authenticator app).
const safe = (formTargets = []) => ({
  'content-security-policy':
    `default-src 'none'; style-src 'self'; img-src 'self' data:; form-action ${["'self'", ...formTargets].join(' ')}; base-uri 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
});
const SAFE = safe();
const asset = (name, type) => ({ type, bytes: readFileSync(new URL(`./assets/${name}`, import.meta.url)) });
const ASSETS = new Map([
  ['/assets/style.css', asset('style.css', 'text/css; charset=utf-8')],
  ['/assets/icon.svg', asset('icon.svg', 'image/svg+xml')],
  ['/favicon.ico', asset('icon.svg', 'image/svg+xml')],
]);
const FLOWS = new Set(['login', 'registration', 'settings', 'recovery', 'verification']);

/**
 * `options`: lock, secret, audience, kratosUrl; mailUrl and testEndpoints when wanted, and formTargets: origins of OpenID
 * Providers, because a browser holds `form-action` against the redirects of a form as well. Nothing listens yet.
 */
export function createOrigin({ lock, secret, audience, kratosUrl, mailUrl, testEndpoints = false, formTargets = [] }) {
  const identity = new IdentityServer(kratosUrl);
  const key = deriveKey(secret);
  const lockDigest = digest(lock);
  const context = { identity, key, audience, mailUrl, flowHeaders: { ...safe(formTargets), ...PAGES } };

  return http.createServer(async (request, response) => {
    const url = target(request);
    if (url.pathname === '/health') return send(response, 200, { 'content-type': 'application/json', 'cache-control': 'no-store' }, '{"status":"ok"}');
    if (!timingSafeEqual(digest(request.headers['x-edgeward-origin-lock'] ?? ''), lockDigest)) return show(response, direct);
    try {
      if (testEndpoints && url.pathname.startsWith('/test/')) {
        if (await testEndpoint(request, response, url)) return;
      }
      await answer(request, response, url, context);
    } catch (error) {
      // The stack names code, never a visitor's data: every message that could is caught before.
      process.stderr.write(`origin: ${error?.stack ?? error}\n`);
      if (!response.headersSent) show(response, notice('broken'));
      else response.destroy();
    }
  });
}

async function answer(request, response, { pathname, searchParams }, { identity, key, audience, mailUrl, flowHeaders }) {
  const file = ASSETS.get(pathname);
  const kind = FLOWS.has(pathname.slice(1)) ? pathname.slice(1) : undefined;
  const isPage = file || kind || PROTECTED.has(pathname) || pathname === '/' || pathname === '/error' || pathname === '/api/me';
  if (!isPage) return show(response, notice('missing'));
  if (!['GET', 'HEAD'].includes(request.method)) return show(response, notice('method'), { allow: 'GET, HEAD' });
  if (file) return send(response, 200, { ...SAFE, 'content-type': file.type, 'cache-control': 'public, max-age=300' }, file.bytes);
  if (pathname === '/') return send(response, 200, { ...SAFE, ...PAGES, 'cache-control': 'public, max-age=60' }, home());

  const visitor = vouchedFor(request, key, audience);
  if (pathname === '/api/me') return visitor ? sendJson(response, 200, me(visitor)) : sendJson(response, 403, UNVOUCHED, 'application/problem+json');
  const needsVisitor = PROTECTED.has(pathname) || kind === 'settings';
  if (needsVisitor && !visitor) return show(response, notice('unvouched'));

  const { cookie } = request.headers;
  if (kind) return selfService(response, kind, searchParams, { identity, mailUrl, visitor, cookie, flowHeaders });
  const frame = { visitor, logout: visitor && (await identity.logoutPath(cookie)) };
  if (pathname === '/error') {
    const id = searchParams.get('id');
    return send(response, 200, { ...SAFE, ...PAGES }, mistake(id ? await identity.error(id, cookie) : undefined, frame));
  }
  const page = PROTECTED.get(pathname);
  if (page.role && !visitor.roles?.includes(page.role)) return show(response, notice('forbidden', frame));
  if (page.aal && visitor.aal !== page.aal) return show(response, notice('factor', frame));
  // Careless on purpose: a shared cache would keep one visitor's page for all. The gate must take this away.
  return send(response, 200, { ...SAFE, ...PAGES, 'cache-control': 'public, s-maxage=600' }, page.draw(frame, searchParams));
}

const PROTECTED = new Map([
  ['/dashboard', { draw: dashboard }],
  ['/dashboard/reports', { draw: reports }],
  ['/admin', { draw: admin, role: 'admin' }],
  ['/vault', { draw: vault, aal: 'aal2' }],
  ['/vault/box', { draw: vault, aal: 'aal2' }],
]);

async function selfService(response, kind, query, { identity, mailUrl, visitor, cookie, flowHeaders }) {
  const { flow, redirect, problem } = await identity.flow(kind, query, cookie);
  if (redirect) return send(response, 303, { 'cache-control': 'no-store', location: redirect }, '');
  if (problem) {
    const headers = problem === 'unavailable' ? { 'retry-after': '5' } : {};
    return show(response, notice(problem, { visitor, again: initPath(kind, query) }), headers);
  }
  // A visitor who is asked for a second factor has a session, though the gate does not vouch for it yet.
  const isStepUp = kind === 'login' && (flow.requested_aal === 'aal2' || flow.refresh);
  const logout = visitor || isStepUp ? await identity.logoutPath(cookie) : undefined;
  return send(response, 200, flowHeaders, account(kind, flow, { visitor, logout }, mailUrl));
}

/** The claims that the gate signed, or `undefined`: absent and forged are the same thing to a page. */
function vouchedFor(request, key, audience) {
  try {
    return verifyAssertion(request.headers['x-edgeward-assertion'], { key, audience, now: Math.floor(Date.now() / 1000) });
  } catch (error) {
    if (error instanceof AssertionError) return undefined;
    throw error;
  }
}

/** The target as it stands: nothing is resolved, so `/public/../admin` is a page that does not exist. */
function target({ url }) {
  const [, pathname, query] = /^([^?]*)\??(.*)$/s.exec(url);
  return { pathname, searchParams: new URLSearchParams(query) };
}

const UNVOUCHED = { type: 'about:blank', title: 'the gate did not vouch for this request', status: 403 };
const me = ({ sub, email, roles = [], aal, auth_time, claims }) => ({ sub, email, roles, aal, auth_time, claims });
const digest = (text) => createHash('sha256').update(text).digest();

function send(response, status, headers, body) {
  response.writeHead(status, headers);
  response.end(body);
}
const show = (response, { status, page }, headers = {}) => send(response, status, { ...SAFE, ...PAGES, ...headers }, page);
const sendJson = (response, status, body, type = 'application/json') =>
  send(response, status, { 'content-type': type, 'cache-control': 'no-store' }, `${JSON.stringify(body, null, 2)}\n`);
