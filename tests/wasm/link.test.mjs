// The built wasm under Node: it asks its host for nothing but the glue, and an instance shares nothing with the one before.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { pathToFileURL } from 'node:url';

const GLUE = './edgeward_bg.js';
const module = new WebAssembly.Module(await readFile(process.env.WASM));
const { link } = await import(pathToFileURL(process.env.GLUE));

test('every import is answered by the glue', () => {
  const foreign = WebAssembly.Module.imports(module).filter((entry) => entry.module !== GLUE);
  assert.deepEqual(foreign, []);
});

test('two instances share neither memory nor glue', () => {
  const [first, second] = [link(module), link(module)];
  assert.notEqual(first.exports.memory, second.exports.memory);
  assert.notEqual(first.glue, second.glue);
  const before = new Uint8Array(second.exports.memory.buffer).slice();
  new Uint8Array(first.exports.memory.buffer).fill(0xff);
  assert.deepEqual(new Uint8Array(second.exports.memory.buffer), before);
});
