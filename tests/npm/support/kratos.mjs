// A real Ory Kratos on loopback, with nothing in its store.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { freePort } from './next.mjs';

const HOME = new URL('../../live/kratos/', import.meta.url);

/** Starts it for an app on `origin`; `{ url, admin, stop }`. */
export async function kratos(origin) {
  const dir = mkdtempSync(join(tmpdir(), 'edgeward-kratos-'));
  const [open, admin] = [await freePort(), await freePort()];
  const values = {
    PUBLIC_ORIGIN: origin, KRATOS_PUBLIC_PORT: open, KRATOS_ADMIN_PORT: admin, SMTP_PORT: 1025, KRATOS_DSN: 'memory',
    IDENTITY_SCHEMA_URL: new URL('identity.schema.json', HOME).href,
  };
  const text = readFileSync(new URL('kratos.yml.tmpl', HOME), 'utf8').split('\n').filter((line) => !line.trimStart().startsWith('#')).join('\n');
  const config = join(dir, 'kratos.yml');
  writeFileSync(config, text.replace(/\$\{([A-Z_]+)(?::-([^}]*))?\}/g, (_, name, otherwise) => values[name] ?? otherwise ?? ''));
  const child = spawn(process.env.KRATOS, ['serve', 'all', '--dev', '-c', config], { cwd: fileURLToPath(HOME), stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const pipe of [child.stdout, child.stderr]) pipe.on('data', (data) => (output += data));
  const stop = () => {
    child.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  };
  process.on('exit', stop);
  for (let tries = 0; tries < 300; tries += 1) {
    if (child.exitCode !== null) break;
    const ready = await fetch(`http://127.0.0.1:${admin}/admin/health/ready`).then((response) => response.ok, () => false);
    if (ready) return { url: `http://127.0.0.1:${open}`, admin: `http://127.0.0.1:${admin}`, stop };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`Kratos does not start:\n${output}`);
}

/** A browser's cookies, as far as one origin has any. */
export class Cookies {
  #kept = new Map();

  take(response) {
    for (const line of response.headers.getSetCookie()) {
      const [pair] = line.split(';');
      const at = pair.indexOf('=');
      if (/max-age=0|expires=thu, 01 jan 1970/i.test(line)) this.#kept.delete(pair.slice(0, at));
      else this.#kept.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  }

  has(name) {
    return this.#kept.has(name);
  }

  toString() {
    return [...this.#kept].map(([name, value]) => `${name}=${value}`).join('; ');
  }
}
