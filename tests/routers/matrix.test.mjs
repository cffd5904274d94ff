// Every rule × every spelling, by raw socket, through the Worker in workerd, in front of the real routers (semantics 2; field.md
// S 1-13). The router of the origin is the oracle: a visitor who may not see a page is never served it, however it is asked for.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';

import { startGate } from './gate.mjs';
import { ORIGINS, start } from './origins.mjs';
import { plain } from './pages.mjs';
import { pagesOf } from './rules.mjs';
import { each, page } from './wire.mjs';

const TARGETS = readFileSync(new URL('../vectors/routers/targets.txt', import.meta.url), 'latin1').split('\n').filter(Boolean);
const total = { cases: 0, served: 0, requests: 0 };

for (const [name, { routers, locales }] of Object.entries(ORIGINS)) {
  test(name, async (context) => {
    const origin = await start(name);
    const targets = TARGETS.map((target) => target.replace('BUILD', origin.buildId));
    try {
      // What the native matrix is judged by is what this origin serves today. A gate inside leaves nobody who could ask past it.
      const recorded = TARGETS.map((target) => origin.recorded.get(target));
      const direct = origin.inside ? recorded : await each(targets, (target) => page(origin.port, target));
      assert.deepEqual(direct, recorded, 'measure again: tests/vectors/routers/PROVENANCE.md');
      for (const router of routers) {
        await context.test(`router = "${router}"`, () => judge(name, origin, targets, direct, { router, locales }));
      }
    } finally {
      await origin.stop();
    }
  });
}

/**
 * What a gate inside Next.js cannot see (docs/threat-model.md): of `/about.rsc` it is shown `/about`, whatever the app's settings, and where the
 * app has locales it is not asked about `/_next/…`; out of the box it is shown `/` for the data of `/index`. A catch-all page is served for all of
 * these. The gate in front sees the target as it came.
 */
const unseen = ({ inside, locales, normalised }, target, found) =>
  inside && found?.endsWith('+') && (target.endsWith('.rsc') || (locales && target.startsWith('/_next/')) || (normalised && INDEX.test(target)));
const INDEX = /^\/_next\/data\/[^/]+\/index\/index\.json$/;

async function judge(name, origin, targets, direct, options) {
  const gate = await startGate(name, origin, options);
  const misses = [];
  let requests = 0;
  let served = 0;
  const ask = async (visitor, target, guarded, what) => {
    requests += 1;
    const got = await visitor(target);
    // Next.js answers some targets 500 by itself, before the gate.
    if ((got.status >= 500 && !origin.inside) || Number.isNaN(got.status)) misses.push(`${target}: ${what} is answered ${got.status}`);
    if (guarded(got.page) && !unseen(origin, target, got.page)) misses.push(`${target}: ${what} is served ${got.page}, judged by ${got.rules}`);
    return got;
  };
  try {
    const everything = await each(targets, (target) => ask(gate.everything, target, () => false, 'who may see all'));
    for (const [at, { page: found, rules, status }] of everything.entries()) {
      if (found && !rules.includes(gate.place(found)) && !unseen(origin, targets[at], found)) misses.push(`${targets[at]} serves ${found}, judged by ${rules}`);
      if (found && status === 200) served += 1;
    }
    await each(targets, (target) => ask(gate.nobody, target, (found) => found, 'nobody'));
    // Pages that this target was seen to be, from either side, and the one that it spells.
    const alone = targets.flatMap((target, at) => {
      const meant = new Set([direct[at], everything[at].page, spelt(name, at)]);
      return [...meant].filter(Boolean).map((page) => ({ target, page }));
    });
    await each(alone, ({ target, page }) => ask(gate.only(page), target, (found) => found === page, 'nobody, where that page alone is guarded,'));
    await each(alone, ({ target, page }) => ask(gate.lacking(page), target, (found) => found === page, 'who may see all else'));
  } finally {
    await gate.stop();
  }
  total.cases += targets.length;
  total.requests += requests;
  total.served += served;
  // Else a gate that answers everything with 500 would pass.
  assert.ok(served >= pagesOf(name).length, `who may see all was served ${served} times`);
  assert.ok(everyPageWasServed(name, direct), 'the origin serves every page to somebody');
  assert.equal(misses.length, 0, `${misses.length} misses\n${misses.slice(0, 200).join('\n')}`);
}

const everyPageWasServed = (name, direct) => pagesOf(name).every((page) => direct.includes(page));

/** The targets stand page by page, and the first of a page is its plain path. */
const STARTS = Object.entries(plain).map(([page, path]) => ({ page, at: TARGETS.indexOf(path) }));

function spelt(name, at) {
  const { page: found } = STARTS.findLast((start) => start.at <= at);
  return pagesOf(name).includes(found) ? found : undefined;
}

after(() => {
  console.log(`${total.cases} cases (rule × spelling × origin × router), ${total.served} of them served, ${total.requests} requests`);
  assert.ok(total.cases >= 2_000);
});
