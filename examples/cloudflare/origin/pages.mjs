// The app itself: what there would be to see if this were a product.
import { html } from './html.mjs';
import { layout } from './layout.mjs';

/** The same bytes for everybody: a cache may keep it. */
export function home() {
  const body = html`<section class="hero">
<h1>Know how your forest is doing</h1>
<p class="lead">Fernwood counts trees, rain and visitors. It is a small made-up app, so that there is something worth a lock.</p>
<p class="actions"><a class="button" href="/registration">Create an account</a><a class="button quiet" href="/login">Sign in</a></p>
</section>
<section aria-labelledby="try"><h2 id="try">What to try</h2>
<ul class="tiles">
<li><a href="/dashboard/reports?tab=2"><strong>A deep link</strong><span>Open a report without a session. After signing in you are back at this very tab.</span></a></li>
<li><a href="/dashboard"><strong>A protected page</strong><span>The gate decides before this app is asked, and signs what it knows about you.</span></a></li>
<li><a href="/vault"><strong>A second factor</strong><span>This page asks for one: set it up on the way, and land here again.</span></a></li>
<li><a href="/settings"><strong>Your account</strong><span>Change the password, add an authenticator app, keep backup codes.</span></a></li>
<li><a href="/admin"><strong>A page for administrators</strong><span>It needs a role that a new account does not have.</span></a></li>
<li><a href="/api/me"><strong>The API</strong><span>The same decision for a program: JSON, and a status instead of a redirect.</span></a></li>
<li><a href="/recovery"><strong>A forgotten password</strong><span>A code by mail, into a mailbox that is part of the demo.</span></a></li>
</ul></section>`;
  return layout({ title: 'Welcome', body, current: '/' });
}

export function dashboard(frame) {
  const { visitor } = frame;
  const name = visitor.claims?.traits?.name ?? visitor.email ?? 'you';
  const body = html`<h1>Hello, ${name}</h1>
<p class="lead">All quiet in the forest today.</p>
<ul class="figures">
<li><span>Trees standing</span><strong>12,408</strong><em>3 more than last week</em></li>
<li><span>Rain, last 7 days</span><strong>41 mm</strong><em>9 mm less than usual</em></li>
<li><span>Visitors today</span><strong>86</strong><em>and two dogs</em></li>
</ul>
<section aria-labelledby="session"><h2 id="session">What the gate vouches for</h2>
${facts(visitor)}
<p class="quiet">Signed by the gate for this one request. The app believes nothing else: <a href="/api/me">see it as JSON</a>.</p>
</section>`;
  return layout({ ...frame, title: 'Dashboard', body, current: '/dashboard' });
}

const TABS = [
  ['1', 'Trees', 'Trees standing', [['Oak', '4,102'], ['Beech', '3,980'], ['Spruce', '3,127'], ['Birch', '1,199']]],
  ['2', 'Rain', 'Rain in mm', [['Monday', '4'], ['Tuesday', '0'], ['Wednesday', '17'], ['Thursday', '20']]],
  ['3', 'Visitors', 'Visitors', [['North gate', '31'], ['South gate', '40'], ['Over the fence', '15']]],
];

/** `query` is shown as it came, so that a test (or a person) can see that a deep link survived signing in. */
export function reports(frame, query) {
  const [chosen, title, unit, rows] = TABS.find(([id]) => id === query.get('tab')) ?? TABS[0];
  const tabs = TABS.map(([id, text]) => html`<a href="/dashboard/reports?tab=${id}"${id === chosen && html` aria-current="page"`}>${text}</a>`);
  const body = html`<h1>Reports</h1>
<nav class="tabs" aria-label="Reports">${tabs}</nav>
<table><caption>${title}</caption><thead><tr><th scope="col">Where or when</th><th scope="col">${unit}</th></tr></thead>
<tbody>${rows.map(([where, count]) => html`<tr><th scope="row">${where}</th><td>${count}</td></tr>`)}</tbody></table>
<p class="quiet">The query of this page: <code id="query">${query.size ? `?${query}` : '(none)'}</code></p>`;
  return layout({ ...frame, title: 'Reports', body, current: '/dashboard/reports' });
}

export function admin(frame) {
  const body = html`<h1>Administration</h1>
<p class="lead">You see this because the gate found the role <code>admin</code> in your session, and this app found it in the gate's assertion.</p>
<section aria-labelledby="session"><h2 id="session">Your session</h2>${facts(frame.visitor)}</section>`;
  return layout({ ...frame, title: 'Administration', body, current: '/admin' });
}

/** Behind a second factor; the query stays, so that one can see that a step-up came back to the very page. */
export function vault(frame, query) {
  const body = html`<h1>Vault</h1>
<p class="lead">You see this because two factors say that it is you, and the later of them not long ago.</p>
<p class="quiet">The query of this page: <code id="query">${query.size ? `?${query}` : '(none)'}</code></p>
<section aria-labelledby="session"><h2 id="session">Your session</h2>${facts(frame.visitor)}</section>`;
  return layout({ ...frame, title: 'Vault', body, current: '/vault' });
}

function facts({ sub, email, roles, aal, auth_time }) {
  const since = auth_time === undefined ? undefined : new Date(auth_time * 1000).toISOString();
  const rows = [
    ['Account', email ?? sub],
    ['Signed in', since && html`<time datetime="${since}">${since.slice(0, 16).replace('T', ' ')} UTC</time>`],
    ['Assurance', { aal1: 'one factor (aal1)', aal2: 'two factors (aal2)' }[aal] ?? aal],
    ['Roles', roles?.length ? roles.join(', ') : 'none'],
  ];
  return html`<dl class="facts">${rows.map(([term, value]) => value && html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>`;
}
