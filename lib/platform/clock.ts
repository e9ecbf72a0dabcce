/** Time and chance, as an argument, so that whatever waits or draws can be tested exactly. */
export interface Clock {
  /** Unix time in milliseconds. */
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** A number from 0 (included) to 1 (excluded). */
  random(): number;
}

/** The machine's own clock. A sleep keeps the process alive; abort it where it must not. */
export const systemClock: Clock = createClock((timer) => timer);

/** The same, and its sleeps do not keep the process alive: for work that must never be waited for. */
export const backgroundClock: Clock = createClock((timer) => timer.unref());

type Timer = ReturnType<typeof setTimeout>;

function createClock(hold: (timer: Timer) => Timer): Clock {
  return {
    now: () => Date.now(),
    random: () => Math.random(),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const onAbort = (): void => {
          clearTimeout(timer);
          reject(signal?.reason as Error);
        };
        const wake = (): void => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        };
        const timer = hold(setTimeout(wake, ms));
        signal?.addEventListener("abort", onAbort, { once: true });
      }),
  };
}
