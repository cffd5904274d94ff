// Rounds of fifty visitors at once, one of whom springs a trap in the gate, in whatever shell serves (semantics 9.3). `TRAP_ROUNDS`
// sets the rounds for each place; the full run has 1,000, the ordinary one is short.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import { send } from './http.mjs';
import { CALLED, WORD } from './trap.mjs';

const ROUNDS = Number(process.env.TRAP_ROUNDS ?? 8);
/** No answer takes longer, trap or not. */
const DEADLINE_MS = 10_000;
/** Who has a copy of the session; of those whom the gate does not know yet, 16 at a time may be asked about (semantics 6.2). */
const [KNOWN, STRANGERS, FLOWS] = [35, 7, 7];

/** Where the one trap is. The app's head is one that the gate sees, or none of these. */
const PLACES = {
  'at the begin': (people) => ({ target: '/dashboard', who: people.visitor(), headers: { 'x-trap': WORD } }),
  'at whoami': (people) => ({ target: '/dashboard', who: people.visitor({ trap: true }) }),
  "at the identity server's head": (people) => ({ target: '/self-service/login?flow=1&trap=head', who: people.visitor(), body: '{}' }),
  "at the app's head": (people) => ({ target: '/dashboard?trap=head', who: people.visitor() }),
};

/**
 * The rounds. The app behind the gate answers `GET /dashboard` with `{ who }`, the subject that `edgeward/server` finds, and, where the
 * gate sees its head, `?trap=head` with the word in a field.
 *
 * @param people the identity server
 * @param output what the shell's process has said so far
 */
export async function trapRounds(t, { origin, people, seesHead, output }) {
  for (const [place, trap] of Object.entries(PLACES).slice(0, seesHead ? 4 : 3)) {
    const known = [];
    while (known.length < KNOWN) known.push(await signedIn(origin, people.visitor()));
    people.posted.clear();
    let slowest = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const others = [
        ...known.map((who) => dashboard(origin, who)),
        ...Array.from({ length: STRANGERS }, () => dashboard(origin, people.visitor())),
        ...Array.from({ length: FLOWS }, () => flow(origin, people.visitor())),
      ];
      await sleep(Math.random() * 30);
      const [trapped, ...rest] = await Promise.all([visit(origin, trap(people)), ...others]);
      assert.equal(trapped.response.status, 503, `${place}: ${trapped.text}\n${output()}`);
      assert.equal(JSON.parse(trapped.text).code, 'gate.trapped');
      assert.match(trapped.response.headers.get('cache-control'), /no-store/);
      for (const [target, times] of people.posted) assert.equal(times, 1, `${target} was sent up ${times} times`);
      people.posted.clear();
      slowest = Math.max(slowest, ...rest.map(({ took }) => took));
    }
    for (let left = 20; left > 0; left -= 1) await dashboard(origin, people.visitor());
    t.diagnostic(`${ROUNDS} rounds, one trap ${place}: the slowest of the others took ${slowest} ms`);
  }
  assert.ok(!output().includes(CALLED), CALLED);
}

async function visit(origin, { target, who, headers, body }) {
  const begun = Date.now();
  const fields = { cookie: who.cookie, accept: 'application/json', origin, 'sec-fetch-site': 'same-origin', ...headers };
  if (body !== undefined) Object.assign(fields, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  const response = await send(`${origin}${target}`, { method: body === undefined ? 'GET' : 'POST', headers: fields, body });
  const text = response.text();
  const took = Date.now() - begun;
  assert.ok(took < DEADLINE_MS, `${target} took ${took} ms`);
  for (const id of text.match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? []) assert.equal(id, who.id, 'of somebody else');
  return { response, text, took };
}

async function dashboard(origin, who) {
  const seen = await visit(origin, { target: '/dashboard', who });
  assert.equal(seen.response.status, 200, seen.text);
  assert.equal(JSON.parse(seen.text).who, who.id, seen.text);
  return seen;
}

/** With a copy from now on. */
export async function signedIn(origin, who) {
  const { response } = await dashboard(origin, who);
  const copy = response.headers.getSetCookie().find((line) => line.startsWith('__Host-edgeward='));
  return Object.assign(who, { cookie: `${who.cookie}; ${copy.split(';')[0]}` });
}

let unique = 0;

async function flow(origin, who) {
  unique += 1;
  const body = JSON.stringify({ identifier: who.id });
  const seen = await visit(origin, { target: `/self-service/login?flow=${unique}`, who, body });
  assert.equal(seen.response.status, 200, seen.text);
  const answer = JSON.parse(seen.text);
  assert.deepEqual([answer.posted, answer.ui.action], [body, `${origin}/self-service/login?flow=1`]);
  const lines = seen.response.headers.getSetCookie();
  assert.ok(lines.some((line) => line.startsWith(who.cookie)) && lines.some((line) => line.startsWith('__Host-edgeward=ey')), lines.join('\n'));
  return seen;
}
