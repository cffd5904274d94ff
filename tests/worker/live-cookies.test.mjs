// Cookies that no browser of ours sends (issue: bad input; semantics 3, 4). Ann is signed in and no administrator; each row
// shows a session cookie of somebody's making, beside her own cookie of the identity server and without it.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';

import { wire } from '../live/world/http.mjs';
import { Log } from '../live/world/log.mjs';
import { bindingOf, claimsFor, keyOf, open, seal, signed, unsigned } from '../live/world/seals.mjs';
import { flip } from '../live/world/token.mjs';
import { Visitor } from '../live/world/visitor.mjs';
import { COPY, HOST, KRATOS_SESSION, ORIGIN, PORT, TOMBSTONE, given } from '../live/world/world.mjs';

let ann;
let bob;
const log = new Log(given('WORKER_LOG'));
const now = () => Math.floor(Date.now() / 1000);

before(async () => {
  ann = await new Visitor().register();
  bob = await new Visitor().register();
});

const pair = (name, value) => `${name}=${value}`;
const kratos = (visitor) => pair(KRATOS_SESSION, visitor.cookies.get(KRATOS_SESSION));
const copy = (visitor) => pair(COPY, visitor.cookies.get(COPY));
const forged = (value) => `${pair(COPY, value)}; ${kratos(ann)}`;
const forge = (changes, options) => seal(claimsFor(ann, changes), options);

/** The event of the one request since the mark. */
async function told(act) {
  log.mark();
  const answer = await act();
  const [event, ...more] = await log.wait();
  assert.deepEqual(more, []);
  return { answer, event };
}

test('the recipe of the contract makes a copy that opens doors, so that what follows proves something', async () => {
  const { answer, event } = await told(async () => ann.page('/admin', { cookie: forged(await forge()), keep: false }));
  assert.deepEqual([answer.status, event.code], [200, 'route.met']);
  assert.match(answer.text, /Administration/);
  assert.equal((await ann.page('/admin', { keep: false })).status, 403, 'and without it Ann is no administrator');
});

const tampered = (part) => async () => flip(await forge(), part);
const lacking = (claim) => () => forge({ [claim]: undefined });
const odd = (claim, value) => () => forge({ [claim]: value });

/** name → [the value of the session cookie, what the log says of it where nothing stands beside it] */
const FORGERIES = {
  'no value': [() => '', 'absent'],
  'one letter': [() => 'x', 'malformed'],
  'only dots': [() => '....', 'malformed'],
  'four parts': [async () => (await forge()).split('.').slice(0, 4).join('.'), 'malformed'],
  'six parts': [async () => `${await forge()}.AAAA`, 'malformed'],
  'in quotes': [async () => `"${await forge()}"`, 'malformed'],
  'percent-encoded': [async () => (await forge()).replaceAll('.', '%2E'), 'malformed'],
  'with padding': [async () => `${await forge()}==`, 'unopened'],
  'standard base64': [async () => (await forge()).replaceAll('-', '+').replaceAll('_', '/'), 'unopened'],
  'a newer character set': [() => '\xc3\xa4.\xc3\xb6.\xc3\xbc.a.b', 'malformed'],
  'no character set at all': [() => '\xff\xfe\xfd', 'malformed'],
  '60 KB of nothing': [() => 'A'.repeat(60_000), 'malformed'],
  '60 KB in five parts': [() => `${'A'.repeat(100)}..${'A'.repeat(16)}.${'A'.repeat(59_000)}.${'A'.repeat(22)}`, 'malformed'],
  'an encrypted key where none belongs': [async () => (await forge()).replace('..', '.AAAA.'), 'malformed'],
  'a changed header': [tampered(0), 'malformed'],
  'a changed initialization vector': [tampered(2), 'unopened'],
  'a changed ciphertext': [tampered(3), 'unopened'],
  'a changed tag': [tampered(4), 'unopened'],
  'a short tag': [async () => (await forge()).slice(0, -6), 'unopened'],
  'another secret': [() => forge({}, { key: keyOf('another secret of at least 32 bytes!') }), 'unopened'],
  'the key of another cookie': [() => forge({}, { key: keyOf(undefined, 'edgeward-dev') }), 'unopened'],
  'the key of tombstones': [() => forge({}, { key: keyOf(undefined, TOMBSTONE, 'edgeward tombstone v1') }), 'unopened'],
  'the bare secret as a key': [() => forge({}, { key: Buffer.from(given('SESSION_SECRET'), 'hex') }), 'unopened'],
  'an unknown kid': [() => forge({}, { header: { kid: 'AAAAAAAAAAA' } }), 'unopened'],
  'no kid': [() => forge({}, { header: { kid: undefined } }), 'malformed'],
  'no typ': [() => forge({}, { header: { typ: undefined } }), 'malformed'],
  'the typ of a tombstone': [() => forge({}, { header: { typ: 'edgeward-tombstone+jwt' } }), 'malformed'],
  'the typ of an assertion': [() => forge({}, { header: { typ: 'edgeward-assertion+jwt' } }), 'malformed'],
  'another enc': [() => forge({}, { header: { enc: 'A128GCM' }, key: keyOf().subarray(0, 16) }), 'unopened'],
  'alg none': [() => unsigned(claimsFor(ann)), 'malformed'],
  'a signed token': [() => signed(claimsFor(ann)), 'malformed'],
  'a signed token, signed with the key': [() => signed(claimsFor(ann), keyOf()), 'malformed'],
  'another audience': [odd('aud', 'https://other.example.com'), 'audience'],
  'an audience that begins the same': [odd('aud', `${ORIGIN}0`), 'audience'],
  'a list of audiences': [odd('aud', [ORIGIN]), 'malformed'],
  expired: [() => forge({ born: now() - 100, iat: now() - 100, exp: now() - 1 }), 'expired'],
  'expired this second': [() => forge({ exp: now() }), 'expired'],
  'born too long ago': [() => forge({ born: now() - 8 * 86_400, exp: now() + 600 }), 'expired'],
  'from the future': [() => forge({ born: now() + 3_600, iat: now() + 3_600, exp: now() + 7_200 }), 'malformed'],
  'born after it was sealed': [() => forge({ born: now() + 30 }), 'malformed'],
  'expires as text': [odd('exp', '9999999999'), 'malformed'],
  'expires beyond numbers': [odd('exp', 1e300), 'malformed'],
  'expires never': [odd('exp', null), 'malformed'],
  'of a source that is none': [odd('src', 'admin'), 'malformed'],
  'of its own source, with a binding': [odd('src', 'own'), 'malformed'],
  'roles as text': [odd('roles', 'admin'), 'malformed'],
  'an aal that is none': [odd('aal', 'aal9'), 'malformed'],
  'bound to nothing': [odd('bnd', ''), 'malformed'],
  'bound to another cookie': [() => forge({ bnd: bindingOf(bob.cookies.get(KRATOS_SESSION)) }), 'absent'],
  'bound to another name': [() => forge({ bnd: bindingOf(ann.cookies.get(KRATOS_SESSION), 'other') }), 'absent'],
  'no JSON': [() => seal('admin'), 'malformed'],
  'a JSON list': [() => seal('[]'), 'malformed'],
  'a claim twice': [() => seal(JSON.stringify(claimsFor(ann)).replace('{', `{"aud":${JSON.stringify(ORIGIN)},`)), 'malformed'],
  ...Object.fromEntries(['aud', 'sub', 'sid', 'src', 'born', 'iat', 'exp', 'ver', 'bnd'].map((claim) => [`without ${claim}`, [lacking(claim), 'malformed']])),
};

for (const [name, [value, why]] of Object.entries(FORGERIES)) {
  test(`a session cookie: ${name}`, async () => {
    const made = await value();
    const beside = await told(() => ann.page('/admin', { cookie: forged(made), keep: false }));
    assert.equal(beside.event.code, 'requirement.forbidden', 'the identity server says who it is: Ann, who is no administrator');
    assert.equal(beside.answer.status, 403);

    const alone = await told(() => ann.api('/api/me', { cookie: pair(COPY, made), keep: false }));
    assert.equal(alone.answer.status, 401);
    assert.equal(alone.answer.json.code, 'unauthenticated', 'a client learns no reason');
    assert.equal(alone.event.code, `session.${why}`, 'the operator learns it');

    const page = await told(() => ann.page('/dashboard', { cookie: pair(COPY, made), keep: false }));
    assert.equal(page.answer.status, 302);
    assert.match(page.answer.headers.location, /^\/self-service\/login\/browser\?return_to=/);
  });
}

/** name → [cookies, status of /api/me, whose session (or nobody's)] */
const SEVERAL = {
  'the same copy twice': [() => `${copy(ann)}; ${copy(ann)}; ${kratos(ann)}`, () => ann],
  'a newer copy of the same subject': [async () => `${pair(COPY, await forge({ roles: [] }))}; ${copy(ann)}; ${kratos(ann)}`, () => ann],
  'five copies': [async () => `${(await Promise.all([0, 1, 2, 3, 4].map(async () => pair(COPY, await forge())))).join('; ')}; ${kratos(ann)}`, () => ann],
  'copies of two subjects, one identity cookie': [() => `${copy(bob)}; ${copy(ann)}; ${kratos(ann)}`, () => ann],
  'copies of two subjects, two identity cookies': [() => `${copy(bob)}; ${copy(ann)}; ${kratos(ann)}; ${kratos(bob)}`, undefined],
  'the same in the other order': [() => `${copy(ann)}; ${copy(bob)}; ${kratos(bob)}; ${kratos(ann)}`, undefined],
  'two identity cookies without a copy': [() => `${kratos(ann)}; ${kratos(bob)}`, undefined],
  'two identity cookies, one bound': [() => `${kratos(bob)}; ${copy(ann)}; ${kratos(ann)}`, () => ann],
  "the copy of one, the identity cookie of the other": [() => `${copy(bob)}; ${kratos(ann)}`, () => ann],
  'a copy without its identity cookie': [() => copy(ann), undefined],
  'a broken identity cookie beside the copy': [() => `${copy(ann)}; ${pair(KRATOS_SESSION, 'broken')}`, undefined],
  'an identity cookie of the right shape beside the copy': [() => `${copy(ann)}; ${pair(KRATOS_SESSION, 'M'.repeat(400))}`, undefined],
  'an identity cookie of 60 KB': [() => pair(KRATOS_SESSION, 'M'.repeat(60_000)), undefined],
  'an identity cookie that is not ASCII': [() => pair(KRATOS_SESSION, `${'M'.repeat(100)}\xff\xfe`), undefined],
  'names in other spellings': [() => `__host-edgeward=${ann.cookies.get(COPY)}; Ory_Kratos_Session=${ann.cookies.get(KRATOS_SESSION)}`, undefined],
  'a name with a space before its sign': [() => `${COPY} =${ann.cookies.get(COPY)}`, undefined],
};

for (const [name, [cookie, who]] of Object.entries(SEVERAL)) {
  test(`several: ${name}`, async () => {
    const { answer, event } = await told(async () => ann.api('/api/me', { cookie: await cookie(), keep: false }));
    if (who) {
      assert.deepEqual([answer.status, event.code], [200, 'route.met']);
      assert.equal(answer.json.sub, who().identity);
    } else {
      assert.deepEqual([answer.status, answer.json.code], [401, 'unauthenticated']);
    }
  });
}

test('of two subjects nobody is chosen, and the name is expired wherever it may live', async () => {
  const { answer, event } = await told(() => ann.page('/dashboard/reports', { cookie: `${copy(bob)}; ${copy(ann)}; ${kratos(ann)}; ${kratos(bob)}`, keep: false }));
  assert.deepEqual([answer.status, event.code], [302, 'session.ambiguous']);
  const expired = answer.cookies.filter((line) => line.startsWith(`${COPY}=;`) && /max-age=0/i.test(line));
  assert.ok(expired.length >= 1, answer.cookies.join('\n'));
});

test('the session that was judged is the session that goes on: no other copy reaches the app', async () => {
  const stray = 'stray-value-of-somebody';
  const cookie = `${pair(COPY, stray)}; theme=dark; ${copy(ann)}; ${pair('__host-edgeward', stray)}; ${pair(TOMBSTONE, stray)}; ${kratos(ann)}`;
  const answer = await ann.api('/test/echo', { cookie, keep: false });
  assert.equal(answer.status, 200);
  const sent = answer.json.headers.filter(([header]) => header.toLowerCase() === 'cookie').map(([, value]) => value);
  assert.equal(sent.length, 1);
  assert.ok(sent[0].includes('theme=dark'));
  assert.ok(!sent[0].includes(stray), 'the assertion stands for the session, the cookie stays here');
  assert.ok(!sent[0].includes(ann.cookies.get(COPY)));
});

/** More than any browser sends: refused as a whole, by us or already by the runtime, and never a fault. */
const HUGE = {
  'one cookie of 64 KB': () => [`Cookie: ${pair(COPY, 'A'.repeat(65_536))}`],
  'one cookie of 100 KB': () => [`Cookie: ${pair(COPY, 'A'.repeat(100_000))}`],
  'one cookie of 1 MB': () => [`Cookie: ${pair(COPY, 'A'.repeat(1_000_000))}`],
  '64 KB over many fields': () => Array.from({ length: 70 }, (_, at) => `Cookie: c${at}=${'A'.repeat(1_000)}`),
  'a thousand small cookies': () => [`Cookie: ${Array.from({ length: 1_000 }, (_, at) => `c${at}=1`).join('; ')}`],
  'a name of 64 KB': () => [`Cookie: ${'n'.repeat(65_536)}=1`],
};

for (const [name, fields] of Object.entries(HUGE)) {
  test(`too much: ${name}`, async () => {
    const head = ['GET /api/me HTTP/1.1', `Host: ${HOST}`, 'Accept: application/json', 'Connection: close', ...fields()];
    const answer = await wire(PORT, `${head.join('\r\n')}\r\n\r\n`);
    // A head that is larger than the runtime reads ends the connection; everything that reaches the gate is answered.
    if (answer) assert.ok([400, 413, 431].includes(answer.status), `${answer.status} ${answer.text}`);
    assert.equal((await ann.api('/api/me', { keep: false })).status, 200, 'and the next visitor is served');
  });
}

test('a genuine copy holds what the contract says', async () => {
  const claims = await open(ann.cookies.get(COPY));
  assert.deepEqual([claims.aud, claims.sub, claims.src, claims.bnd], [ORIGIN, ann.identity, 'kratos', bindingOf(ann.cookies.get(KRATOS_SESSION))]);
  assert.ok(claims.exp > claims.iat && claims.ver <= claims.iat);
});
