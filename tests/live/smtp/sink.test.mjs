import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import net from 'node:net';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseMail } from './mail.mjs';

const SINK = fileURLToPath(new URL('./sink.mjs', import.meta.url));

const b64 = (text) => Buffer.from(text).toString('base64');
const MULTIPART = [
  'Subject: two parts',
  'Content-Type: multipart/alternative;',
  ' boundary=xyz',
  '',
  'a preamble that nobody sees',
  '--xyz',
  'Content-Type: text/html; charset=UTF-8',
  '',
  '<b>no</b>',
  '--xyz',
  'Content-Transfer-Encoding: quoted-printable',
  'Content-Type: text/plain; charset=UTF-8',
  '',
  'code: 123=',
  '456 =C3=A9',
  '--xyz--',
  '',
].join('\r\n');

const ROWS = [
  ['plain', 'Subject: hello\r\n\r\nline 1\r\nline 2\r\n', 'hello', 'line 1\nline 2'],
  ['base64 body', `Subject: s\r\nContent-Transfer-Encoding: base64\r\n\r\n${b64('grüezi')}`, 's', 'grüezi'],
  ['quoted-printable', 'Subject: s\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\na=3Db =\r\nc', 's', 'a=b c'],
  ['latin1 charset', 'Subject: s\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\n\xe9', 's', 'é'],
  ['unknown charset', 'Subject: s\r\nContent-Type: text/plain; charset=no-such\r\n\r\n\xe9', 's', 'é'],
  ['encoded words', `Subject: =?UTF-8?B?${b64('é')}?=\r\n =?utf-8?q?_=C3=A9?=\r\n\r\n`, 'é é', ''],
  ['multipart prefers plain', MULTIPART, 'two parts', 'code: 123456 é'],
  ['html only', 'Subject: s\r\nContent-Type: text/html\r\n\r\n<p>a &amp; b</p><script>x</script>', 's', 'a & b'],
  ['no body', 'Subject: s', 's', ''],
  ['no fields', '\r\n\r\nx', '', 'x'],
  ['multipart without parts', 'Content-Type: multipart/mixed; boundary=q\r\n\r\nx', '', ''],
  ['nested without end', 'Content-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n--q', '', ''],
  ['broken encoding', 'Subject: =?UTF-8?B?%%%?=\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%', '', ''],
];
for (const [name, raw, subject, text] of ROWS) {
  test(`mail: ${name}`, () => assert.deepEqual(parseMail(raw), { subject, text }));
}

function start(...args) {
  const child = spawn(process.execPath, [SINK, ...args], { env: {} });
  const out = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (out.stdout += chunk));
  child.stderr.on('data', (chunk) => (out.stderr += chunk));
  const ended = new Promise((resolve) => child.on('close', (code) => resolve({ code, ...out })));
  const ready = new Promise((resolve) => child.stdout.once('data', () => resolve(JSON.parse(out.stdout))));
  return { child, ended, ready };
}

/** Sends lines without waiting for answers (pipelining) and gives back everything that the server said. */
function say(port, lines) {
  return new Promise((resolve, reject) => {
    let heard = '';
    const socket = net.connect(port, '127.0.0.1', () => socket.write(lines.join('\r\n') + '\r\n'));
    socket.on('data', (chunk) => (heard += chunk));
    socket.on('close', () => resolve(heard));
    socket.on('error', reject);
  });
}

test('sink: keeps, filters, forgets, stops', async (context) => {
  const { child, ended, ready } = start('0', '0');
  context.after(() => child.kill('SIGKILL'));
  const { ready: up, smtp, http } = await ready;
  assert.equal(up, true);
  const base = `http://127.0.0.1:${http}`;
  const heard = await say(smtp, [
    'EHLO test', 'MAIL FROM:<a@x> BODY=8BITMIME', 'RCPT TO:<Ann@example.com>', 'DATA', 'Subject: one', '', '..dot', '.',
    'MAIL FROM:<a@x>', 'RCPT TO:<bob@example.com>', 'DATA', 'Subject: two', '', 'text', '.', 'QUIT',
  ]);
  assert.match(heard, /250 kept\r\n(?:.*\r\n)*?250 kept/);
  const get = async (path) => (await fetch(base + path)).json();
  assert.deepEqual((await get('/mails?to=ann@example.com')).map((m) => [m.from, m.to, m.subject, m.text]), [
    ['a@x', ['Ann@example.com'], 'one', '.dot'],
  ]);
  assert.deepEqual((await get('/mails?to=nobody@example.com')).length, 0);
  assert.deepEqual(await get('/health'), { status: 'ok', mails: 2 });
  assert.equal((await fetch(`${base}/mails?to=bob@example.com`, { method: 'DELETE' })).status, 204);
  assert.deepEqual((await get('/mails')).map((m) => m.subject), ['one']);
  assert.equal((await fetch(`${base}/mails`, { method: 'DELETE' })).status, 204);
  assert.deepEqual(await get('/mails'), []);
  assert.equal((await fetch(`${base}/mails`, { method: 'POST' })).status, 405);
  assert.equal((await fetch(`${base}/other`)).status, 404);
  const refusals = await say(smtp, ['DATA', 'MAIL nobody', 'RCPT TO:<>', 'STARTTLS', 'AUTH PLAIN x', 'QUIT']);
  assert.deepEqual(refusals.split('\r\n').map((l) => l.slice(0, 3)), ['220', '503', '501', '501', '502', '502', '221', '']);
  const flood = await say(smtp, ['x'.repeat(10_000).padEnd(200_000, 'y')]);
  assert.match(flood, /^220 [^\r]*\r\n50[02] /);
  child.kill('SIGTERM');
  assert.deepEqual((await ended).code, 0);
});

test('sink: a taken port is one line with the remedy', async () => {
  const taken = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  const { code, stderr, stdout } = await start(String(taken.address().port), '0').ended;
  taken.close();
  assert.equal(code, 1);
  assert.equal(stdout, '');
  assert.match(stderr, /^smtp sink: port \d+ on 127\.0\.0\.1 is taken; .*SMTP_PORT\n$/);
});

for (const port of ['x', '-1', '65536', '1.5', '']) {
  test(`sink: refuses port \`${port}\``, async () => {
    const { code, stderr } = await start(port, '0').ended;
    assert.equal(code, 1);
    assert.match(stderr, /must be a port number/);
  });
}
