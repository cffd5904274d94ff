// The packed tarball, installed the way a user does it: nothing of the repository is on its path.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** A folder with the tarball installed, and `files` in it. Removed at the end of the process. */
export function installed(files = {}, type = 'module') {
  const dir = mkdtempSync(join(tmpdir(), 'edgeward-npm-'));
  process.on('exit', () => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, 'package.json'), JSON.stringify({ name: 'app', private: true, type }));
  npm(dir, 'install', '--no-save', process.env.TARBALL);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  return dir;
}

export function npm(dir, ...command) {
  return execFileSync('npm', [...command, '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], { cwd: dir, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });
}

/** An entry of the package, as an ES module of that folder finds it. */
export async function entry(dir, name) {
  const script = join(dir, `import-${name.replaceAll('/', '-')}.mjs`);
  writeFileSync(script, `export * from 'edgeward/${name}';\n`);
  return import(pathToFileURL(script));
}

const LOCKS = join(dirname(fileURLToPath(import.meta.url)), '..', 'locks');

/**
 * The packages of a committed lock (`tests/npm/locks/<name>`), with the tarball among them. They are large: the folder is
 * kept under `NPM_CACHE`, and only the tarball is installed anew.
 */
export function modulesFor(name) {
  const dir = join(process.env.NPM_CACHE, name);
  mkdirSync(dir, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(LOCKS, name, file), join(dir, file));
  const lock = readFileSync(join(dir, 'package-lock.json'), 'utf8');
  const stamp = join(dir, 'installed.json');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
    npm(dir, 'install', '--no-save');
    writeFileSync(stamp, lock);
  }
  rmSync(join(dir, 'node_modules/edgeward'), { recursive: true, force: true });
  mkdirSync(join(dir, 'node_modules/edgeward'));
  execFileSync('tar', ['-xzf', process.env.TARBALL, '-C', join(dir, 'node_modules/edgeward'), '--strip-components=1']);
  return dir;
}

/** Resolves as CommonJS does, for what the toolchain has. */
export const toolchain = createRequire(process.env.TOOLCHAIN);
