// More Workers beside the world's: the same build and secrets, in another process with a config of the test's own.

import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { freePort } from './http.mjs';
import { Log } from './log.mjs';
import { given } from './world.mjs';

const BINDING = /\(name = ("(?:[^"\\]|\\.)*"), (json|text) = ("(?:[^"\\]|\\.)*")\)/g;
const START_MS = 20_000;

/**
 * Starts a Worker.
 *
 * @param {(config: object, secrets: Record<string, string>) => void} edit changes the world's config document and its secrets in place
 * @param {{ at?: number, build?: string }} [options] the port, any free one without it; the folder of another build
 * @returns {Promise<{ port: number, pid: number, log: Log, stop: () => Promise<void> }>}
 */
export async function startWorker(edit = () => {}, { at, build = given('WORLD_DIR') } = {}) {
  const world = given('WORLD_DIR');
  const folder = mkdtempSync(join(tmpdir(), 'edgeward-worker-'));
  for (const name of ['index.js', 'edgeward.wasm']) copyFileSync(join(build, name), join(folder, name));
  const port = at ?? (await freePort());
  writeFileSync(join(folder, 'worker.capnp'), derive(readFileSync(join(world, 'worker.capnp'), 'latin1'), port, edit), 'latin1');
  const path = join(folder, 'worker.log');
  const output = openSync(path, 'w');
  const child = spawn(given('WORKERD'), ['serve', 'worker.capnp'], { cwd: folder, stdio: ['ignore', output, output] });
  const ended = once(child, 'exit');
  const stop = async () => {
    // Asked to end, it waits for the requests that are under way.
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  for (const end = Date.now() + START_MS; !(await listens(port)); await sleep(50)) {
    if (Date.now() > end || child.exitCode !== null) {
      const said = readFileSync(path, 'utf8');
      await stop();
      throw new Error(`workerd does not start:\n${said}`);
    }
  }
  return { port, pid: child.pid, log: new Log(path), stop };
}

function derive(text, port, edit) {
  const bindings = [...text.matchAll(BINDING)].map(([, name, kind, value]) => ({ name: plain(name), kind, value: plain(value) }));
  const config = JSON.parse(bindings.find(({ name }) => name === 'EDGEWARD').value);
  const secrets = Object.fromEntries(bindings.filter(({ kind }) => kind === 'text').map(({ name, value }) => [name, value]));
  edit(config, secrets);
  const bound = [
    `(name = "EDGEWARD", json = ${quoted(JSON.stringify(config))})`,
    ...Object.entries(secrets).map(([name, value]) => `(name = ${quoted(name)}, text = ${quoted(value)})`),
  ];
  return text
    .replace(/address = "[^"]*"/, `address = "127.0.0.1:${port}"`)
    .replace(/bindings = \[[\s\S]*\],\n/, () => `bindings = [\n    ${bound.join(',\n    ')}\n  ],\n`);
}

/** Cap'n Proto's string literals: C's escapes, bytes outside ASCII in hexadecimal. */
function plain(literal) {
  const bytes = literal.slice(1, -1).replace(/\\(x[0-9a-f]{2}|.)/g, (_, escape) =>
    escape.length === 3 ? String.fromCharCode(parseInt(escape.slice(1), 16)) : escape,
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

function quoted(text) {
  const bytes = Buffer.from(text, 'utf8').toString('latin1');
  const escaped = bytes.replace(/["\\]|[^ -~]/g, (byte) => (byte === '"' || byte === '\\' ? `\\${byte}` : `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`));
  return `"${escaped}"`;
}

function listens(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}
