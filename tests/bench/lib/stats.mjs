// Several runs of several things in turn, so that what changes on the machine changes for all of them.

/** Least, middle and most of some numbers. */
export function spread(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return { min: sorted[0], median: sorted[Math.floor(sorted.length / 2)], max: sorted.at(-1) };
}

/** The value below which `part` of sorted numbers lie. */
export const quantile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];

/**
 * Runs every entry of `things` once per round, in turn, the first round for warmth only.
 *
 * @returns name → the results of its rounds
 */
export async function alternate(things, rounds, run) {
  const results = Object.fromEntries(Object.keys(things).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, thing] of Object.entries(things)) {
      const result = await run(thing, name);
      if (round > 0) results[name].push(result);
    }
  }
  return results;
}

export const round = (number, digits = 1) => Number(number.toFixed(digits));
