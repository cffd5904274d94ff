// The pages whose content the identity server decides. It is asked directly, with the visitor's own cookies of its making and
// nothing else; the browser only ever meets it through the gate, under this app's origin.
import { initPath, toPath } from './paths.mjs';

// The gate gives a page some seconds; the identity server on the same machine answers in some milliseconds.
const TIMEOUT_MS = 5_000;
// A cookie by which the identity server knows a browser; the app's own cookies are not its business.
const IDENTITY_COOKIE = /^(?:csrf_token|ory_kratos)/;

/** Asks one identity server. Every method gives plain data: `{ flow }`, `{ redirect }` or `{ problem }`. */
export class IdentityServer {
  constructor(url) {
    this.base = url.replace(/\/$/, '');
  }

  /** The flow that a page shows, or where to send the browser for one. `query` is the page's. */
  async flow(kind, query, cookie) {
    const id = query.get('flow');
    if (!id) return { redirect: initPath(kind, query) };
    const answer = await this.#get(`/self-service/${kind}/flows?id=${encodeURIComponent(id)}`, cookie);
    if (answer.problem) return answer;
    if (answer.status === 200) return answer.body?.ui ? { flow: answer.body } : { problem: 'unavailable' };
    return whereNext(kind, query, answer);
  }

  /** What went wrong, for the error page; `undefined` when the identity server does not know the id (any more). */
  async error(id, cookie) {
    const answer = await this.#get(`/self-service/errors?id=${encodeURIComponent(id)}`, cookie);
    return answer.status === 200 ? answer.body?.error : undefined;
  }

  /** The path that signs this visitor out; `undefined` without a session or when the identity server is away. */
  async logoutPath(cookie) {
    const answer = await this.#get('/self-service/logout/browser', cookie);
    return answer.status === 200 ? toPath(answer.body?.logout_url) : undefined;
  }

  async #get(path, cookie = '') {
    const headers = { accept: 'application/json' };
    const own = cookie.split(/;\s*/).filter((pair) => IDENTITY_COOKIE.test(pair));
    if (own.length) headers.cookie = own.join('; ');
    try {
      const response = await fetch(this.base + path, { headers, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
      const text = await response.text();
      if (response.status >= 500) return { problem: 'unavailable' };
      return { status: response.status, body: text ? JSON.parse(text) : undefined };
    } catch {
      return { problem: 'unavailable' };
    }
  }
}

/** An answer that is no flow: begin again, sign in first, confirm it's you, or say why none of these would help. */
function whereNext(kind, query, { status, body }) {
  const id = body?.error?.id;
  // Starting again cannot cure a browser without the cookie that the flow is tied to; it would go round in circles.
  if (id === 'security_csrf_violation') return { problem: 'cookies' };
  const redirect = toPath(body?.redirect_browser_to ?? body?.error?.details?.redirect_to);
  if (redirect) return { redirect };
  if (status === 401) return { redirect: initPath('login', new URLSearchParams({ return_to: `/${kind}` })) };
  if (status === 403 || status === 404 || status === 410) return { redirect: initPath(kind, query) };
  return { problem: 'unavailable' };
}
