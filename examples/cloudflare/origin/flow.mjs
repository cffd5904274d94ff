// Draws a self-service flow of the identity server as plain forms. No script: every method that is switched on in this demo
// works without. Nodes that only a script can use are left out.
import { attributes, html } from './html.mjs';
import { toPath } from './paths.mjs';

const SECTIONS = {
  profile: ['Profile', 'How we address you, and where mail reaches you.'],
  password: ['Password', 'A long one that you use nowhere else.'],
  totp: ['Authenticator app', 'A second step at sign-in: a code from an app on your phone.'],
  lookup_secret: ['Backup codes', 'For the day when your phone is not at hand. Each code works once.'],
  code: ['Code by mail'],
  link: ['Link by mail'],
  oidc: ['Other accounts', 'Sign in with an account that you have elsewhere.'],
};
const AT_LOGIN = {
  totp: ['Authenticator app', 'Type the code that the app shows now.'],
  lookup_secret: ['Backup code', 'Or use one of the codes that you put away.'],
};

// The identity server names these for itself; a password manager needs the words of the HTML standard.
const AUTOCOMPLETE = {
  identifier: 'username',
  email: 'email',
  'traits.email': 'email',
  'traits.name': 'name',
  code: 'one-time-code',
  totp_code: 'one-time-code',
  lookup_secret: 'off',
};

// Types of `input` that are drawn as given; everything else becomes a text field.
const FIELD_TYPES = new Set(['text', 'password', 'email', 'tel', 'url', 'number', 'date', 'datetime-local']);

/**
 * The flow as HTML. `kind` is login, registration, settings, recovery or verification. Where the methods share a field
 * (an address beside a password) or are steps of one way there is one form, elsewhere one form for each method.
 */
export function renderFlow(flow, kind) {
  const nodes = (flow.ui?.nodes ?? []).filter(isDrawn);
  const action = toPath(flow.ui?.action);
  // A finished flow names the page to go on to as its action; there is nothing left to send, least of all its CSRF token.
  if (!action?.startsWith('/self-service/')) {
    return html`${renderMessages(flow.ui?.messages)}${nodes.filter((node) => node.type !== 'input').map((node) => renderNode(node, { kind }))}`;
  }
  const shared = nodes.filter((node) => node.group === 'default');
  const groups = [...new Set(nodes.map((node) => node.group))].filter((group) => group !== 'default');
  // The identity server's order changes with what is enrolled; a page whose parts move is hard to use.
  if (kind === 'settings') groups.sort((a, b) => place(a) - place(b));
  // Elsewhere the Enter key presses the first button, which must not be the one that leaves the password out.
  else groups.sort((a, b) => (b === 'password') - (a === 'password') || (a === 'oidc') - (b === 'oidc'));
  const page = { kind, focus: kind === 'settings' ? undefined : firstField(nodes) };
  const form = (body) => html`<form${attributes({ action, method: flow.ui.method ?? 'POST' })}>${body}</form>`;
  const draw = (list, scope) => list.map((node) => renderNode(node, { ...page, scope }));

  const isApart = kind === 'settings' || (kind === 'login' && groups.length > 1 && shared.every(isHidden));
  if (!isApart) {
    const own = groups.flatMap((group, index) => {
      const list = nodes.filter((node) => node.group === group);
      return draw(index === 0 && group !== 'oidc' ? list : list.map(withoutValidation), group);
    });
    return html`${renderMessages(flow.ui.messages)}${form([...draw(shared, kind), username(nodes, nodes), ...own])}`;
  }
  const sections = groups.map((group) => {
    const [title, text] = (kind === 'login' && AT_LOGIN[group]) || SECTIONS[group] || [group];
    const id = `section-${slug(group)}`;
    const inForm = [...shared, ...nodes.filter((node) => node.group === group)];
    return html`<section class="method" aria-labelledby="${id}">
<div class="about"><h2 id="${id}">${title}</h2>${text && html`<p class="quiet">${text}</p>`}</div>
${form([username(inForm, nodes), ...draw(inForm, group)])}</section>`;
  });
  return html`${renderMessages(flow.ui.messages)}${sections}`;
}

/** False for a flow that only has hidden fields: a step-up without a second factor to step up with. */
export const canBeAnswered = (flow) => (flow.ui?.nodes ?? []).some((node) => isDrawn(node) && !isHidden(node));

/** Messages that belong to the whole flow. */
export function renderMessages(messages = []) {
  return messages.map((message) => {
    const kind = ['error', 'success'].includes(message.type) ? message.type : 'info';
    return html`<p class="message ${kind}" role="${kind === 'error' ? 'alert' : 'status'}">${message.text}</p>`;
  });
}

const isHidden = (node) => node.type === 'input' && node.attributes.type === 'hidden';
const isSubmit = (node) => node.type === 'input' && node.attributes.type === 'submit';
const isDrawn = (node) => node.type !== 'script' && !node.attributes.onclick && !node.attributes.onclickTrigger;
const slug = (text) => String(text).replace(/[^a-zA-Z0-9]+/g, '-');

const ORDER = Object.keys(SECTIONS);
const place = (group) => (ORDER.includes(group) ? ORDER.indexOf(group) : ORDER.length);

/** A password alone is no account to a password manager: where the name is not typed beside it, it stands there unseen. */
function username(inForm, nodes) {
  const isName = ({ attributes: { name } }) => name === 'identifier' || name === 'traits.email';
  const value = nodes.find(isName)?.attributes.value;
  const isTyped = inForm.some((node) => isName(node) && !isHidden(node));
  if (!value || isTyped || !inForm.some((node) => node.attributes.type === 'password')) return undefined;
  return html`<input type="text" value="${value}" autocomplete="username" readonly hidden>`;
}

/** A second method's button must not be stopped by the empty field of the first. */
function withoutValidation(node) {
  return isSubmit(node) ? { ...node, attributes: { ...node.attributes, formnovalidate: true } } : node;
}

/** Where the cursor starts: the first field with an error, else the first empty one. */
function firstField(nodes) {
  const fields = nodes.filter((node) => node.type === 'input' && !isHidden(node) && !isSubmit(node) && !node.attributes.disabled);
  return fields.find(hasError) ?? fields.find((node) => !node.attributes.value);
}

const hasError = (node) => (node.messages ?? []).some((message) => message.type === 'error');

function renderNode(node, context) {
  switch (node.type) {
    case 'input':
      return renderInput(node, context);
    case 'img':
      return renderImage(node);
    case 'a':
      return renderLink(node);
    case 'text':
      return renderText(node);
    default:
      return undefined;
  }
}

function renderInput(node, context) {
  const { name, type, value } = node.attributes;
  if (type === 'hidden') return html`<input${attributes({ type, name, value: value ?? '' })}>`;
  if (type === 'submit' || type === 'button') return renderButton(node);
  const id = `${slug(context.scope)}-${slug(name)}`;
  return type === 'checkbox' ? renderCheckbox(node, id) : renderField(node, id, context);
}

function renderField(node, id, { kind, focus }) {
  const { name, type, value, required, disabled, pattern, maxlength } = node.attributes;
  const isCode = name === 'totp_code' || name === 'code';
  const described = describe(node, id);
  const input = attributes({
    id,
    name,
    type: FIELD_TYPES.has(type) ? type : 'text',
    value: type === 'password' ? undefined : value,
    required: required === true,
    disabled: disabled === true,
    pattern,
    maxlength: maxlength > 0 ? maxlength : undefined,
    autocomplete: autocomplete(node, kind),
    inputmode: isCode ? 'numeric' : undefined,
    autocapitalize: name === 'identifier' ? 'none' : undefined,
    spellcheck: type === 'text' ? 'false' : undefined,
    class: isCode ? 'code' : undefined,
    autofocus: node === focus,
    'aria-invalid': hasError(node) ? 'true' : undefined,
    'aria-describedby': described.ids,
  });
  return html`<div class="field"><label for="${id}">${label(node)}</label><input${input}>${described.notes}</div>`;
}

function renderCheckbox(node, id) {
  const { name, value, required, disabled } = node.attributes;
  const described = describe(node, id);
  const input = attributes({
    id, name, type: 'checkbox', value: 'true', checked: value === true || value === 'true', required, disabled,
    'aria-invalid': hasError(node) ? 'true' : undefined,
    'aria-describedby': described.ids,
  });
  return html`<div class="field check"><input${input}><label for="${id}">${label(node)}</label>${described.notes}</div>`;
}

/** The messages of a field, and the ids by which the field points at them. */
function describe(node, id) {
  const messages = node.messages ?? [];
  return {
    ids: messages.length ? messages.map((_, index) => `${id}-note-${index}`).join(' ') : undefined,
    notes: messages.map((message, index) => html`<p id="${id}-note-${index}" class="note ${message.type === 'error' ? 'error' : 'info'}">${message.text}</p>`),
  };
}

// A way back, a way out, a new mail: none of these is what the page is for.
const QUIET = new Set(['screen', 'resend', 'totp_unlink', 'lookup_secret_disable', 'lookup_secret_reveal', 'lookup_secret_regenerate', 'email']);
const DANGER = new Set(['totp_unlink', 'lookup_secret_disable']);

function renderButton(node) {
  const { name, value, disabled, formnovalidate } = node.attributes;
  const isQuiet = formnovalidate || QUIET.has(name);
  const button = attributes({
    type: 'submit', name, value, disabled: disabled === true, formnovalidate: isQuiet,
    class: DANGER.has(name) ? 'button danger' : isQuiet ? 'button quiet' : 'button',
  });
  return html`<button${button}>${label(node)}</button>`;
}

function renderImage(node) {
  const { src, width, height } = node.attributes;
  // Drawn into the page by the identity server; an address would be a request to somebody else.
  if (!/^data:image\/(?:png|jpeg|gif);base64,/.test(src ?? '')) return undefined;
  return html`<figure class="qr"><img${attributes({ src, width, height, alt: label(node) })}></figure>`;
}

function renderLink(node) {
  const href = toPath(node.attributes.href);
  return href && html`<p class="actions"><a class="button" href="${href}">${node.attributes.title?.text ?? label(node)}</a></p>`;
}

function renderText(node) {
  const text = node.attributes.text ?? {};
  const secrets = text.context?.secrets;
  if (Array.isArray(secrets)) {
    return html`<p>${label(node)}</p><ul class="secrets">${secrets.map((secret) => html`<li><code>${secret.text}</code></li>`)}</ul>`;
  }
  return html`<p class="secret"><span>${label(node)}</span><code>${text.text}</code></p>`;
}

function label(node) {
  const { name, label: own } = node.attributes;
  return node.meta?.label?.text ?? own?.text ?? own ?? name ?? '';
}

function autocomplete(node, kind) {
  const { name, type, autocomplete: own } = node.attributes;
  if (own) return own;
  if (type === 'password') return kind === 'login' ? 'current-password' : 'new-password';
  return AUTOCOMPLETE[name];
}
