import type { Clock } from "../../lib/platform/clock.ts";

/** A clock that stands until it is moved, so that what waits can be tested to the millisecond. */
export interface ManualClock extends Clock {
  /** What `random` gives. */
  draw: number;
  /** Lets time pass, from the end of one sleep to the next; what they wake runs in between. */
  advance(ms: number): Promise<void>;
  /**
   * Lets time pass, `stepMs` (20) in about one of the machine's, until it is so. Throws after four
   * seconds of the machine.
   */
  until(isSo: () => boolean | Promise<boolean>, stepMs?: number): Promise<void>;
}

interface Sleep {
  at: number;
  wake: () => void;
}

/** Makes a clock that stands at the time of the machine, which other processes know as well. */
export function manualClock(): ManualClock {
  let now = Date.now();
  const sleeps = new Set<Sleep>();

  const clock: ManualClock = {
    draw: 0,
    now: () => now,
    random: () => clock.draw,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const sleep = { at: now + Math.max(0, ms), wake: resolve };
        sleeps.add(sleep);
        const onAbort = (): void => {
          if (sleeps.delete(sleep)) reject(signal?.reason as Error);
        };
        signal?.addEventListener("abort", onAbort, { once: true });
      }),
    async advance(ms) {
      const end = now + ms;
      await nextTick();
      for (let next = first(sleeps, end); next; next = first(sleeps, end)) {
        now = Math.max(now, next.at);
        sleeps.delete(next);
        next.wake();
        await nextTick();
      }
      now = end;
    },
    async until(isSo, stepMs = 20) {
      const deadline = Date.now() + 4000;
      while (!(await isSo())) {
        if (Date.now() > deadline) throw new Error("It did not come about.");
        await clock.advance(stepMs);
        await Bun.sleep(1);
      }
    },
  };
  return clock;
}

/** The sleep that ends first, if any ends by `end`. */
function first(sleeps: ReadonlySet<Sleep>, end: number): Sleep | undefined {
  let found: Sleep | undefined;
  for (const sleep of sleeps) {
    if (sleep.at <= end && sleep.at < (found?.at ?? Infinity)) found = sleep;
  }
  return found;
}

/** Lets run what is due. */
function nextTick(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
