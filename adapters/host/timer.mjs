// Nothing waits without a clock, and nothing for a visitor who has left.

/** The time was up. */
export class TimeUp extends Error {}
/** The visitor hung up. */
export class Gone extends Error {}

/**
 * What `act` gives, if it does so within `ms` and before `visitor` aborts; else its signal is aborted.
 *
 * The signal stays quiet afterwards, so that a body which is still streaming is left alone.
 */
export async function within(ms, act, visitor) {
  const controller = new AbortController();
  let timer;
  let left;
  const end = new Promise((_, reject) => {
    const stop = (error) => {
      reject(error);
      controller.abort();
    };
    timer = setTimeout(() => stop(new TimeUp()), ms);
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
