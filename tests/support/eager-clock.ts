import type { Clock } from "../../lib/platform/clock.ts";

/** A clock whose sleeps are over at once, and kept. */
export interface EagerClock extends Clock {
  /** What was to be slept, in milliseconds. */
  readonly slept: number[];
}

/** Makes a clock at the time of the machine, ahead by `offsetMs` (0). */
export function eagerClock(offsetMs = 0): EagerClock {
  const slept: number[] = [];
  return {
    slept,
    now: () => Date.now() + offsetMs,
    random: () => 0.5,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      slept.push(ms);
    },
  };
}
