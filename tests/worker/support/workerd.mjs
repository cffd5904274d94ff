// A raw workerd with a build of the Worker in it, on a free port of loopback.

import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { freePort } from '../../support/port.mjs';

const root = path.resolve(import.meta.dirname, '../../..');

/** The folder of a build, from the environment; a test file that needs one says so at its top. */
export function build(variable) {
  const dir = process.env[variable];
  if (!dir) throw new Error(`${variable} is not set: the folder with index.js and edgeward.wasm; cargo xtask test worker sets it`);
  return dir;
}

/**
 * Starts workerd.
 *
 * @param dir the build
 * @param bindings name → text, or anything else as JSON; or a function from the URL to that
 * @param services name → { source } of a Worker of the test's own, bound under its name
 */
export async function workerd(dir, bindings, services = {}) {
  const home = await mkdtemp(path.join(tmpdir(), 'edgeward-'));
  await cp(path.join(dir, 'index.js'), path.join(home, 'index.js'));
  await cp(path.join(dir, 'edgeward.wasm'), path.join(home, 'edgeward.wasm'));
  for (const [name, { source }] of Object.entries(services)) await writeFile(path.join(home, `${name}.js`), source);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const bound = typeof bindings === 'function' ? bindings(url) : bindings;
  await writeFile(path.join(home, 'worker.capnp'), await config(port, bound, Object.keys(services)));

  const child = spawn(process.env.WORKERD, ['serve', 'worker.capnp'], { cwd: home });
  const log = [];
  let rest = '';
  const read = (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    log.push(...lines);
  };
  child.stdout.setEncoding('utf8').on('data', read);
  child.stderr.setEncoding('utf8').on('data', read);
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(home, { recursive: true, force: true });
  };
  try {
    await listening(port, child, log);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    port,
    url,
    pid: child.pid,
    /** Every line so far. */
    log,
    /** The log lines that are events. */
    events: () => log.flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : [])),
    stop,
  };
}

async function config(port, bindings, services) {
  const wrangler = await readFile(path.join(root, 'wrangler.toml'), 'utf8');
  const date = /^compatibility_date = "(.*)"$/m.exec(wrangler)[1];
  const flags = /^compatibility_flags = \[(.*)\]$/m.exec(wrangler)?.[1] ?? '';
  const bound = [
    ...Object.entries(bindings).map(([name, value]) =>
      typeof value === 'string' ? `(name = ${quoted(name)}, text = ${quoted(value)})` : `(name = ${quoted(name)}, json = ${quoted(JSON.stringify(value))})`,
    ),
    ...services.map((name) => `(name = ${quoted(name)}, service = ${quoted(name)})`),
  ];
  const worker = (modules, bindings) => `(
      modules = [${modules}],
      compatibilityDate = ${quoted(date)},
      compatibilityFlags = [${flags}],
      bindings = [${bindings}],
    )`;
  const modules = '(name = "index.js", esModule = embed "index.js"), (name = "edgeward.wasm", wasm = embed "edgeward.wasm")';
  const own = services.map(
    (name) => `(name = ${quoted(name)}, worker = ${worker(`(name = "index.js", esModule = embed ${quoted(`${name}.js`)})`, '')}),`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "worker", worker = ${worker(modules, bound.join(', '))}),
    ${own.join('\n    ')}
    (name = "internet", network = (allow = ["public", "private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "worker")],
);
`;
}

const quoted = (text) => JSON.stringify(text);

async function listening(port, child, log) {
  for (let left = 200; left > 0; left -= 1) {
    if (child.exitCode !== null) throw new Error(`workerd ended: ${log.join('\n')}`);
    const open = await new Promise((resolve) => {
      const socket = net.connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('workerd does not listen');
}
