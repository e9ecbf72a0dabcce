import type { Clock } from "../../../lib/platform/clock.ts";

/** A clock whose waits take no time: it jumps to the next end of a wait when nothing else happens. */
export interface VirtualClock extends Clock {
  /** Runs until the work is done and gives its result. */
  run<T>(work: Promise<T>): Promise<T>;
}

/** Makes a clock that starts at zero and draws the same numbers each time. */
export function virtualClock(seed = 1): VirtualClock {
  let nowMs = 0;
  let state = seed;
  const waits: { atMs: number; resolve: () => void }[] = [];
  return {
    now: () => nowMs,
    random: () => {
      // A linear congruential generator, with the constants of Numerical Recipes.
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    },
    sleep: (ms) =>
      new Promise((resolve) => {
        waits.push({ atMs: nowMs + ms, resolve });
      }),
    run: async (work) => {
      let done = false;
      const end = work.finally(() => (done = true));
      while (!done) {
        await new Promise((resolve) => setImmediate(resolve));
        if (done || waits.length === 0) continue;
        const next = waits.reduce(
          (first, wait, i) => (wait.atMs < waits[first]!.atMs ? i : first),
          0,
        );
        const [wait] = waits.splice(next, 1);
        nowMs = wait!.atMs;
        wait!.resolve();
      }
      return end;
    },
  };
}
