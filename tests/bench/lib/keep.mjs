import { readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

const TOOLS = path.resolve(import.meta.dirname, '../../toolchain/package.json');

/** Adds parts to the report; what is not measured this time stands as it was. */
export async function keep(file, parts) {
  const before = await readFile(file, 'utf8').then(JSON.parse, () => ({}));
  const { workerd } = JSON.parse(await readFile(TOOLS, 'utf8')).devDependencies;
  const machine = `${os.cpus()[0].model.trim()}, ${os.cpus().length} cores`;
  const about = { machine, load: Math.round(os.loadavg()[2] * 10) / 10, workerd, node: process.version, date: new Date().toISOString().slice(0, 10), quick: process.env.BENCH_QUICK !== undefined };
  await writeFile(file, `${JSON.stringify({ ...before, ...about, ...parts }, null, 1)}\n`);
}
