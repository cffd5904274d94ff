// The pages of the self-service flows: one frame, the words around it, and the ways from one to the next.
import { canBeAnswered, renderFlow, renderMessages } from './flow.mjs';
import { html } from './html.mjs';
import { layout } from './layout.mjs';

/** One self-service page. `mail` is where the demo's mails can be read, when there is such a place. */
export function account(kind, flow, frame, mail) {
  const [title, text] = words(kind, flow);
  const body = html`<h1>${title}</h1>${text && html`<p class="quiet">${text}</p>`}
${canBeAnswered(flow) || kind !== 'login' ? renderFlow(flow, kind) : html`<p class="actions"><a class="button" href="/settings">Set one up</a></p>`}
${['recovery', 'verification'].includes(kind) && flow.state !== 'passed_challenge' && mail && html`<p class="hint">Mails of this demo stay on this machine: <a href="${mail}">read them here</a>.</p>`}
${ways(kind, flow, frame)}`;
  const card = kind === 'settings' ? body : html`<section class="card">${body}</section>`;
  return layout({ ...frame, title, body: card, current: `/${kind}`, width: kind === 'settings' ? 'medium' : 'narrow' });
}

/** What the identity server says about a mistake that has no form to be shown at. */
export function mistake(error, frame) {
  const text = error?.reason ?? error?.message ?? 'The account service stopped with an error that it no longer remembers.';
  const body = html`<section class="card"><p class="status">${error?.code ?? 'Error'}</p><h1>That did not work</h1>
${renderMessages([{ type: 'error', text }])}
<p class="actions"><a class="button" href="/login">Sign in</a><a class="button quiet" href="/">Back to the start</a></p></section>`;
  return layout({ ...frame, title: 'Error', body, width: 'narrow' });
}

function words(kind, flow) {
  if (kind === 'login' && !canBeAnswered(flow)) return ['A second factor is needed', 'Your account has none yet. An authenticator app or backup codes will do.'];
  if (kind === 'login' && flow.requested_aal === 'aal2') return ['One more step', 'Your account is protected by a second factor.'];
  if (kind === 'login' && flow.refresh) return ["Confirm it's you", 'What comes next is worth a second look. Please sign in again.'];
  if (flow.state === 'passed_challenge' && kind === 'verification') return ['Address confirmed'];
  const isSent = flow.state === 'sent_email';
  return {
    login: ['Sign in'],
    registration: ['Create an account'],
    settings: ['Settings'],
    recovery: isSent ? ['Check your mail'] : ['Forgot your password?', 'Tell us the address of your account and we send you a way back in.'],
    verification: isSent ? ['Check your mail'] : ['Confirm your address', 'We send a code to the address, to see that it is yours.'],
  }[kind];
}

function ways(kind, flow, { logout }) {
  const query = flow.return_to ? `?${new URLSearchParams({ return_to: flow.return_to })}` : '';
  const isStepUp = kind === 'login' && (flow.requested_aal === 'aal2' || flow.refresh);
  if (isStepUp) return logout && html`<p class="ways">Not you? <a href="${logout}">Sign out</a></p>`;
  switch (kind) {
    case 'login':
      return html`<p class="ways"><a href="/recovery${query}">Forgot your password?</a></p><p class="ways">New here? <a href="/registration${query}">Create an account</a></p>`;
    case 'registration':
      return html`<p class="ways">Already have an account? <a href="/login${query}">Sign in</a></p>`;
    case 'recovery':
      return html`<p class="ways">Remembered it? <a href="/login${query}">Sign in</a></p>`;
    case 'verification':
      return undefined;
    default:
      return html`<p class="ways">Is your address confirmed? <a href="/verification">Send a code</a></p>`;
  }
}
