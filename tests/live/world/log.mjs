// The decision log of a Worker: one JSON object a line.

import { readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 5_000;

/** The log of a Worker that writes to a file. */
export class Log {
  constructor(path) {
    this.path = path;
    this.mark();
  }

  /** From here on. */
  mark() {
    this.from = statSync(this.path).size;
  }

  text() {
    return readFileSync(this.path).subarray(this.from).toString('utf8');
  }

  /** Every event since the mark. */
  events() {
    return this.text().split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []));
  }

  /** Waits for `count` events since the mark: workerd writes them a little later than it answers. */
  async wait(count = 1) {
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(10)) {
      const events = this.events();
      if (events.length >= count) return events;
    }
    throw new Error(`${count} events did not come; there are ${JSON.stringify(this.events())}`);
  }
}
