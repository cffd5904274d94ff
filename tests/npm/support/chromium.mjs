// Chromium, driven by playwright-core; nothing may go elsewhere than to the app.
import assert from 'node:assert/strict';

import { toolchain } from './install.mjs';

const TIMEOUT_MS = 20_000;

export function browser() {
  const { chromium } = toolchain('playwright-core');
  return chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
  });
}

/** A visitor with a fresh store of cookies, and no error in any page. */
export async function watched(chromium, origin, act, also = []) {
  const context = await chromium.newContext();
  context.setDefaultTimeout(TIMEOUT_MS);
  const [strayed, errors] = [[], []];
  const known = [origin, ...also].map((url) => new URL(url).host);
  context.on('request', (request) => {
    const { host, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && !known.includes(host)) strayed.push(`${request.method()} ${host}`);
  });
  context.on('weberror', (error) => errors.push(String(error.error())));
  try {
    await act(context);
  } finally {
    await context.close();
  }
  assert.deepEqual(strayed, []);
  assert.deepEqual(errors, []);
}
