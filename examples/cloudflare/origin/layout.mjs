// The frame around every page, and the small pages that only say something.
import { attributes, html } from './html.mjs';

/**
 * A whole document. `visitor` (claims of the assertion) and `logout` (a path) fill the header of pages behind the gate; the
 * header of a public page is the same for everybody, because a cache may keep it.
 */
export function layout({ title, body, visitor, logout, current, width = 'wide' }) {
  const link = (href, text) => html`<a${attributes({ href, 'aria-current': current === href ? 'page' : undefined })}>${text}</a>`;
  const isAdmin = visitor?.roles?.includes('admin');
  const navigation = visitor
    ? html`${link('/dashboard', 'Dashboard')}${link('/dashboard/reports', 'Reports')}${isAdmin && link('/admin', 'Admin')}${link('/settings', 'Settings')}`
    : html`${link('/dashboard', 'Dashboard')}${link('/login', 'Sign in')}${link('/registration', 'Create account')}`;
  const account = visitor && html`<div class="account"><span class="who">${visitor.email ?? visitor.sub}</span>${
    logout ? html`<a class="button quiet small" href="${logout}">Sign out</a>` : html`<span class="quiet">Sign-out is not available now</span>`
  }</div>`;
  return String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Fernwood</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/style.css">
</head>
<body>
<a class="skip" href="#content">Skip to content</a>
<header class="bar"><div class="inner">
<a class="brand" href="/"><img src="/assets/icon.svg" alt="" width="28" height="28">Fernwood</a>
<nav aria-label="Pages">${navigation}</nav>
${account}
</div></header>
<main id="content" class="${width}">
${body}
</main>
<footer class="quiet">A demo behind the Edgeward gate. Nothing here leaves your machine.</footer>
</body>
</html>
`);
}

const NOTICES = {
  unvouched: [403, 'Who is asking?', 'The gate did not vouch for this request, so there is nothing to show. Pages like this one come through the gate, with its signature.'],
  forbidden: [403, 'Not for this account', 'This page is for administrators. Your account does not have that role.'],
  factor: [403, 'One factor is not enough', 'This page needs a session with a second factor, and the gate vouched for a session without.'],
  missing: [404, 'Nothing here', 'There is no page at this address.'],
  method: [405, 'That does not work here', 'This page can only be read.'],
  cookies: [403, 'Your browser kept no cookie', 'This form is tied to a cookie that your browser did not send. It may belong to another browser, or cookies are switched off for this site.'],
  unavailable: [503, 'Please try again in a moment', 'The service that looks after accounts does not answer right now. Nothing was lost.'],
  broken: [500, 'Something broke', 'This is our fault, not yours. The details are in the log of the app.'],
};

/** A page with one thing to say: `{ status, page }`. `again` is a path to offer beside the way home. */
export function notice(name, { again, ...frame } = {}) {
  const [status, title, text] = NOTICES[name];
  const body = html`<section class="card"><p class="status">${status}</p><h1>${title}</h1><p>${text}</p>
<p class="actions">${again && html`<a class="button" href="${again}">Start again</a>`}<a class="button quiet" href="/">Back to the start</a></p></section>`;
  return { status, page: layout({ title, body, width: 'narrow', ...frame }) };
}

/** For who comes around the gate: nothing of the app, not even its style sheet, is there for such a request. */
export const direct = {
  status: 403,
  page: String(html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Only through the gate</title>
<h1>Only through the gate</h1>
<p>This app is only reachable through the gate in front of it. Visit the address of the gate instead.</p>
</html>
`),
};
