import assert from 'node:assert/strict';
import { test } from 'node:test';
import { account, mistake } from './account.mjs';
import { renderFlow } from './flow.mjs';

const input = (group, name, type, more = {}, messages = [], label = name) => ({
  type: 'input', group, messages, meta: { label: { text: label } }, attributes: { node_type: 'input', name, type, ...more },
});
const csrf = input('default', 'csrf_token', 'hidden', { value: 'c"srf' });
const submit = (group, value = group) => input(group, 'method', 'submit', { value }, [], `Use ${value}`);
const flow = (nodes, more = {}, ui = {}) => ({
  id: 'f', ui: { action: 'http://app.example/self-service/login?flow=f', method: 'POST', nodes, ...ui }, ...more,
});
const error = (text) => ({ id: 4000001, type: 'error', text });
const draw = (kind, nodes, ui) => String(renderFlow(flow(nodes, {}, ui), kind));
const count = (text, part) => text.split(part).length - 1;

const identifier = input('default', 'identifier', 'text', { required: true });
const password = input('password', 'password', 'password', { required: true, value: 'never shown' });
const login = [csrf, identifier, password, submit('password')];
const hostile = '"><script>alert(1)</script>';

const ROWS = [
  // name, kind, nodes, ui, parts that must be there, parts that must not
  ['the action is a path', 'login', login, {}, ['action="/self-service/login?flow=f"'], ['app.example']],
  ['autocomplete at login', 'login', login, {}, ['autocomplete="username"', 'autocomplete="current-password"'], ['hidden>']],
  ['autocomplete at registration', 'registration', login, {}, ['autocomplete="new-password"'], ['current-password']],
  ['the identity server\'s own word wins', 'login', [csrf, input('password', 'password', 'password', { autocomplete: 'off' })], {}, ['autocomplete="off"'], ['current-password']],
  ['a password never comes back', 'login', login, {}, [], ['never shown']],
  ['the first empty field has the cursor', 'login', login, {}, [/name="identifier"[^>]* autofocus/], [/name="password"[^>]* autofocus/]],
  ['a wrong field has it first', 'login', [csrf, identifier, { ...password, messages: [error('no')] }], {}, [/name="password"[^>]* autofocus/], [/name="identifier"[^>]* autofocus/]],
  ['a label points at its field', 'login', login, {}, ['<label for="login-identifier">identifier</label>', 'id="login-identifier"'], []],
  ['an error stands at its field', 'login', [csrf, { ...identifier, messages: [error('too short')] }], {},
    ['aria-invalid="true"', 'aria-describedby="login-identifier-note-0"', 'id="login-identifier-note-0" class="note error">too short'], []],
  ['a hint is no error', 'login', [csrf, { ...identifier, messages: [{ type: 'info', text: 'hint' }] }], {}, ['aria-describedby', 'note info'], ['aria-invalid']],
  ['an error of the flow is an alert', 'login', login, { messages: [error('wrong')] }, ['class="message error" role="alert">wrong'], []],
  ['other messages are a status', 'login', login, { messages: [{ type: 'odd', text: 'hm' }] }, ['class="message info" role="status">hm'], []],
  ['text is escaped', 'login', [csrf, { ...identifier, messages: [error(hostile)], meta: { label: { text: hostile } } }], { messages: [error(hostile)] }, ['&lt;script&gt;'], ['<script']],
  ['attributes are escaped', 'login', [csrf, input('default', hostile, 'text', { value: hostile, pattern: hostile })], {}, ['c&quot;srf'], ['<script']],
  ['an unknown type is a text field', 'login', [csrf, input('default', 'x', hostile)], {}, ['type="text"'], ['<script']],
  ['a file is not asked for', 'login', [csrf, input('default', 'x', 'file')], {}, ['type="text"'], ['type="file"']],
  ['scripts are left out', 'login', [csrf, { type: 'script', group: 'webauthn', messages: [], meta: {}, attributes: { src: '/x.js' } }, input('passkey', 'b', 'button', { onclick: 'x()' })], {}, [], ['x.js', 'x()', 'name="b"']],
  ['a second method asks nothing of the first', 'login', [...login, submit('code')], {}, [/value="code"[^>]* formnovalidate/], [/value="password"[^>]* formnovalidate/]],
  ['a step back asks for nothing', 'registration', [csrf, password, submit('password'), input('profile', 'screen', 'submit', { value: 'previous' })], {}, [/name="screen"[^>]* formnovalidate/], []],
  ['a hidden name for the password manager', 'registration', [csrf, input('default', 'traits.email', 'hidden', { value: 'a@b' }), password], {}, ['<input type="text" value="a@b" autocomplete="username" readonly hidden>'], []],
  ['a picture of the page', 'settings', [csrf, { type: 'img', group: 'totp', messages: [], meta: { label: { text: 'QR' } }, attributes: { src: 'data:image/png;base64,AA' } }], {}, ['src="data:image/png;base64,AA"', 'alt="QR"'], []],
  ['no picture from elsewhere', 'settings', [csrf, { type: 'img', group: 'totp', messages: [], meta: {}, attributes: { src: 'https://evil.example/x.png' } }], {}, [], ['evil.example']],
  ['no picture that is a document', 'settings', [csrf, { type: 'img', group: 'totp', messages: [], meta: {}, attributes: { src: 'data:image/svg+xml;base64,AA' } }], {}, [], ['svg']],
  ['a link stays here', 'login', [csrf, { type: 'a', group: 'code', messages: [], meta: {}, attributes: { href: 'https://evil.example/go?a=1', title: { text: 'Go' } } }], {}, ['href="/go?a=1"'], ['evil.example']],
  ['a link runs no script', 'login', [csrf, { type: 'a', group: 'code', messages: [], meta: {}, attributes: { href: 'javascript:alert(1)', title: { text: 'Go' } } }], {}, [], ['javascript', 'Go']],
  ['backup codes are a list', 'settings', [csrf, { type: 'text', group: 'lookup_secret', messages: [], meta: { label: { text: 'Keep' } }, attributes: { text: { context: { secrets: [{ text: 'aa11' }, { text: 'bb22' }] } } } }], {}, ['<li><code>aa11</code></li>', 'bb22'], []],
  ['an unknown group has a name', 'settings', [csrf, submit('novel')], {}, ['>novel</h2>'], []],
  ['an unknown node is nothing', 'login', [csrf, { type: 'div', group: 'default', messages: [], meta: {}, attributes: { text: 'odd' } }], {}, [], ['odd']],
  ['no nodes', 'login', undefined, {}, ['<form'], ['<input']],
  ['a finished flow sends nothing', 'verification', [csrf, { type: 'a', group: 'code', messages: [], meta: {}, attributes: { href: 'http://app.example/dashboard', title: { text: 'Continue' } } }],
    { action: 'http://app.example/dashboard', method: 'GET', messages: [{ type: 'success', text: 'done' }] }, ['href="/dashboard"', 'done'], ['<form', 'srf']],
  ['an action elsewhere is no form', 'login', login, { action: 'https://evil.example/collect' }, [], ['<form', 'evil.example']],
  ['an action that runs a script is no form', 'login', login, { action: 'javascript:alert(1)' }, [], ['<form', 'javascript']],
];
for (const [name, kind, nodes, ui, present, absent] of ROWS) {
  test(name, () => {
    const page = draw(kind, nodes, ui);
    const has = (part) => (part instanceof RegExp ? part.test(page) : page.includes(part));
    for (const part of present) assert.ok(has(part), `${part} in ${page}`);
    for (const part of absent) assert.ok(!has(part), `${part} not in ${page}`);
  });
}

test('settings: one form for each method, in a fixed order, each with the CSRF token', () => {
  const page = draw('settings', [csrf, submit('lookup_secret'), submit('totp'), password, submit('password'), input('profile', 'traits.email', 'email', { value: 'a@b' }), submit('profile')]);
  assert.deepEqual([...page.matchAll(/<h2 id="section-([\w-]+)"/g)].map((match) => match[1]), ['profile', 'password', 'totp', 'lookup-secret']);
  assert.equal(count(page, '<form'), 4);
  assert.equal(count(page, 'name="csrf_token"'), 4);
  assert.equal(count(page, 'autocomplete="username"'), 1);
});

test('the Enter key signs in with the password, whatever the order of the methods', () => {
  const page = draw('login', [csrf, identifier, submit('code'), password, submit('password')]);
  assert.deepEqual([...page.matchAll(/<button[^>]* value="(\w+)"([^>]*)/g)].map((match) => [match[1], match[2].includes('formnovalidate')]), [['password', false], ['code', true]]);
});

test('a step-up without a second factor shows the way to one', () => {
  const page = account('login', flow([csrf], { requested_aal: 'aal2' }), { logout: '/self-service/logout?token=t' });
  assert.ok(page.includes('href="/settings"') && page.includes('Sign out') && !page.includes('<form'), page);
});

test('second factors are apart, so that an empty one does not stop the other', () => {
  const code = input('totp', 'totp_code', 'text', { required: true });
  const backup = input('lookup_secret', 'lookup_secret', 'text', { required: true });
  const page = draw('login', [csrf, code, submit('totp'), backup, submit('lookup_secret')]);
  assert.equal(count(page, '<form'), 2);
  assert.match(page, /name="totp_code"[^>]*autocomplete="one-time-code"[^>]*inputmode="numeric"/);
});

const TITLES = [
  ['login', {}, 'Sign in'],
  ['login', { requested_aal: 'aal2' }, 'One more step'],
  ['login', { refresh: true }, 'Confirm it&#39;s you'],
  ['registration', {}, 'Create an account'],
  ['recovery', { state: 'choose_method' }, 'Forgot your password?'],
  ['recovery', { state: 'sent_email' }, 'Check your mail'],
  ['verification', { state: 'passed_challenge' }, 'Address confirmed'],
  ['settings', {}, 'Settings'],
];
for (const [kind, more, title] of TITLES) {
  test(`the title of ${kind} ${JSON.stringify(more)}`, () => assert.ok(account(kind, flow(login, more), {}).includes(`<h1>${title}</h1>`)));
}

test('ways to other pages keep the way back, as data', () => {
  const page = account('login', flow(login, { return_to: 'http://app.example/a?b=1&c="' }), {});
  assert.ok(page.includes('href="/registration?return_to=http%3A%2F%2Fapp.example%2Fa%3Fb%3D1%26c%3D%22"'), page);
});

test('a mistake is text, whatever it says', () => {
  assert.ok(mistake({ code: 500, reason: hostile }, {}).includes('&lt;script&gt;'));
  assert.ok(mistake(undefined, {}).includes('no longer remembers'));
});
