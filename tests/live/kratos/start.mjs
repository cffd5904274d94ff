// Starts a real Kratos with its mail sink on free ports of loopback, with the settings that a test wants.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '../../support/port.mjs';
import { createSink } from '../smtp/sink.mjs';

const HERE = new URL('./', import.meta.url);
const START_MS = 30_000;
/** Kratos sends its mails from a queue, a second or two after the request that caused them. */
const MAIL_MS = 20_000;

/** The template with its placeholders filled: `${NAME}` must have a value, `${NAME:-default}` may. Comment lines are dropped. */
export function render(template, values) {
  const lines = template.split('\n').filter((line) => !line.trimStart().startsWith('#'));
  return lines.join('\n').replace(/\$\{([A-Z_]+)(?::-([^}]*))?\}/g, (_, name, otherwise) => {
    const value = values[name] ?? otherwise;
    if (value === undefined) throw new Error(`the template needs a value for ${name}`);
    return value;
  });
}

const MEMORY = '/dev/shm';
const ENOUGH_BYTES = 64 << 20;

/** A folder that no disk slows down, where the machine has one. */
function quickFolder() {
  try {
    accessSync(MEMORY, constants.W_OK);
    const { bavail, bsize } = statfsSync(MEMORY);
    if (bavail * bsize >= ENOUGH_BYTES) return MEMORY;
  } catch {
    // None: a disk it is.
  }
  return tmpdir();
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks until there is an answer. */
export async function until(text, ask, ms = START_MS) {
  for (const end = Date.now() + ms; Date.now() < end; await pause(50)) {
    const answer = await Promise.resolve().then(ask).catch(() => undefined);
    if (answer) return answer;
  }
  throw new Error(`waited ${ms} ms in vain: ${text}`);
}

/**
 * Starts both.
 *
 * @param {string} binary the Kratos binary
 * @param {string} origin what a browser visits, without a slash at the end
 * @param {Record<string, string>} settings values for the template
 * @param {(text: string, url: string) => string} edit the finished config, for what the template has no placeholder
 * @returns `url`, `adminUrl`, `admin(method, path, body)`, `mails(to)`, `mailTo(address, subject, count)` (waits for the mail of that
 *   number among those whose subject fits), `log()`, `stop()`
 */
export async function startKratos(binary, origin, settings = {}, edit = (text) => text) {
  const folder = mkdtempSync(join(quickFolder(), 'edgeward-kratos-'));
  const sink = createSink();
  sink.smtp.listen(0, '127.0.0.1');
  await once(sink.smtp, 'listening');
  const [publicPort, adminPort] = [await freePort(), await freePort()];
  // A file: of the store in memory, parallel requests find tables locked, and a session that is there is not found. It never waits for
  // the disk: on one that was busy with other things a write took longer than SQLite or the gate waits. Nothing outlives the test.
  const dsn = `sqlite://${join(folder, 'kratos.sqlite')}?_fk=true&_journal_mode=WAL&_busy_timeout=20000&_txlock=immediate&_synchronous=OFF`;
  await promisify(execFile)(binary, ['migrate', 'sql', '--yes', dsn]);
  const config = join(folder, 'kratos.yml');
  const text = render(readFileSync(new URL('kratos.yml.tmpl', HERE), 'utf8'), {
    PUBLIC_ORIGIN: origin,
    KRATOS_PUBLIC_PORT: publicPort,
    KRATOS_ADMIN_PORT: adminPort,
    KRATOS_DSN: JSON.stringify(dsn),
    SMTP_PORT: sink.smtp.address().port,
    IDENTITY_SCHEMA_URL: `file://${fileURLToPath(new URL('identity.schema.json', HERE))}`,
    ...settings,
  });
  writeFileSync(config, edit(text, `http://127.0.0.1:${publicPort}`));
  const child = spawn(binary, ['serve', 'all', '--dev', '--watch-courier', '-c', config], { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (log += chunk));
  let end;
  const ended = new Promise((resolve) => child.once('close', (code) => resolve((end = { code }))));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
    sink.smtp.close();
    rmSync(folder, { recursive: true, force: true });
  };
  const adminUrl = `http://127.0.0.1:${adminPort}`;
  try {
    await until('Kratos is healthy', async () => end || (await fetch(`${adminUrl}/admin/health/ready`)).status === 200);
    if (end) throw new Error(`Kratos ended with code ${end.code}`);
  } catch (error) {
    await stop();
    throw new Error(`${error.message}\n${log}`);
  }
  const mails = (to) => sink.mails.filter((mail) => mail.to.some((address) => address.toLowerCase() === to.toLowerCase()));
  return {
    url: `http://127.0.0.1:${publicPort}`,
    adminUrl,
    async admin(method, path, body) {
      const headers = body ? { 'content-type': 'application/json' } : {};
      const response = await fetch(adminUrl + path, { method, headers, body: body && JSON.stringify(body) });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return text ? JSON.parse(text) : undefined;
    },
    mails,
    mailTo: (address, subject = /./, count = 1) => until(`mail ${count} to ${address}`, () => mails(address).filter((mail) => subject.test(mail.subject))[count - 1], MAIL_MS),
    log: () => log,
    stop,
  };
}
