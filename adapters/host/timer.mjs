// Nothing waits without a clock, and nothing for a visitor who has left.

/** The time was up. */
export class TimeUp extends Error {}
/** The visitor hung up. */
export class Gone extends Error {}

/**
 * What `act` gives, if it does so within `ms` and before `visitor` aborts; else its signal is aborted.
 *
 * The signal stays quiet afterwards, so that a body which is still streaming is left alone. When the time is up, `more` may
 * give some milliseconds more.
 */
export async function within(ms, act, visitor, more = () => 0) {
  const controller = new AbortController();
  let timer;
  let left;
  const end = new Promise((_, reject) => {
    const stop = (error) => {
      reject(error);
      controller.abort();
    };
    const up = () => {
      const rest = more();
      if (rest > 0) timer = setTimeout(up, rest);
      else stop(new TimeUp());
    };
    timer = setTimeout(up, ms);
    left = () => stop(new Gone());
    visitor?.addEventListener('abort', left);
  });
  try {
    return await Promise.race([act(controller.signal), end]);
  } finally {
    clearTimeout(timer);
    visitor?.removeEventListener('abort', left);
  }
}
