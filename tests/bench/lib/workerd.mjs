// A workerd with modules of the bench's own, and what its process has used.

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const root = path.resolve(import.meta.dirname, '../../..');

/**
 * Starts workerd.
 *
 * @param modules file name → source (text or bytes); the first is the entry
 * @param options `bindings` name → text or JSON, `services` name → source of a Worker
 * @returns `{ port, pid, stop }`; `started` are the milliseconds from spawn to the first answer, `first` those of the request that it
 *   answers, and `asked()` sends another
 */
export async function workerd(modules, { bindings = {}, services = {} } = {}) {
  const home = await mkdtemp(path.join(tmpdir(), 'edgeward-bench-'));
  const port = await freePort();
  for (const [name, source] of Object.entries({ ...modules, ...services })) await writeFile(path.join(home, name), source);
  await writeFile(path.join(home, 'bench.capnp'), await config(port, Object.keys(modules), bindings, Object.keys(services)));
  const begun = performance.now();
  const child = spawn(process.env.WORKERD, ['serve', 'bench.capnp'], { cwd: home, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (said = (said + text).slice(0, 2_000)));
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(home, { recursive: true, force: true });
  };
  try {
    const first = await answers(port, child);
    return { port, pid: child.pid, started: performance.now() - begun, first, stop, asked: () => asked(port) };
  } catch (error) {
    await stop();
    throw new Error(`${error.message}: ${said}`);
  }
}

/** Nanoseconds that every thread of a process has been on a CPU: workerd's own clock stands still while it computes. */
export async function cpu(pid) {
  const tasks = await readdir(`/proc/${pid}/task`);
  const used = await Promise.all(tasks.map((task) => readFile(`/proc/${pid}/task/${task}/schedstat`, 'utf8').catch(() => '0')));
  return used.reduce((sum, line) => sum + Number(line.split(' ')[0]), 0);
}

/** Resident bytes of a process. */
export async function memory(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)[1]) * 1024;
}

async function config(port, modules, bindings, services) {
  const wrangler = await readFile(path.join(root, 'wrangler.toml'), 'utf8');
  const date = JSON.stringify(/^compatibility_date = "(.*)"$/m.exec(wrangler)[1]);
  const quoted = JSON.stringify;
  const bound = [
    ...Object.entries(bindings).map(([name, value]) =>
      typeof value === 'string' ? `(name = ${quoted(name)}, text = ${quoted(value)})` : `(name = ${quoted(name)}, json = ${quoted(JSON.stringify(value))})`,
    ),
    ...services.map((file) => `(name = ${quoted(serviceName(file))}, service = ${quoted(serviceName(file))})`),
  ];
  const list = modules.map((name) => `(name = ${quoted(name)}, ${name.endsWith('.wasm') ? 'wasm' : 'esModule'} = embed ${quoted(name)})`);
  const worker = (modules, bindings) =>
    `(modules = [${modules}], compatibilityDate = ${date}, bindings = [${bindings}])`;
  const beside = services.map((file) => `(name = ${quoted(serviceName(file))}, worker = ${worker(`(name = "index.js", esModule = embed ${quoted(file)})`, '')}),`);
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = ${worker(list.join(', '), bound.join(', '))}), ${beside.join(' ')}
    (name = "internet", network = (allow = ["private", "local"]))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
`;
}

const serviceName = (file) => path.basename(file, '.service.js').toUpperCase();

function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Until a request is answered, whatever with; the milliseconds that it took. */
async function answers(port, child) {
  for (let left = 2_000; left > 0; left -= 1) {
    if (child.exitCode !== null) throw new Error('workerd ended');
    const took = await asked(port);
    if (took !== undefined) return took;
    await sleep(2);
  }
  throw new Error('workerd does not answer');
}

/** Milliseconds from a request to its answer; nothing where nobody is there. */
function asked(port) {
  return new Promise((resolve) => {
    let sent;
    const socket = net.connect(port, '127.0.0.1', () => {
      sent = performance.now();
      socket.write('GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    });
    socket.once('data', () => resolve(performance.now() - sent));
    socket.on('error', () => resolve(undefined)).on('close', () => resolve(undefined));
  });
}
