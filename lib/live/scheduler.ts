import type { Clock } from "../platform/clock.ts";

/** What a round of work came to. */
export type RoundResult =
  /** There is nothing more to do until the next nudge. */
  | { kind: "done" }
  /** There is more to do, not before `afterMs`. */
  | { kind: "again"; afterMs: number }
  /** It did not work, and may work later; at the earliest after `afterMs`, where that is known. */
  | { kind: "failed"; afterMs?: number }
  /** It will not work until a person does something about it. */
  | { kind: "stuck" };

/** What a scheduler works with. */
export interface SchedulerOptions {
  /** One round. It must not reject. */
  work: () => Promise<RoundResult>;
  clock: Clock;
  /** How long a round waits for further nudges, in milliseconds. */
  settleMs: number;
}

/**
 * Runs work in the background:
 *
 * - never two rounds at once,
 * - many nudges, one round, which begins after the last of them,
 * - after a failure it waits, longer each time and never exactly as long as another process,
 * - it never rejects and never keeps the process alive, if the clock does not.
 */
export interface Scheduler {
  /** There is something to do. Costs next to nothing. */
  nudge(): void;
  /** Begins a round as soon as it can, whatever was waited for. Resolves when it is over. */
  runNow(): Promise<void>;
  /** No round begins any more. Resolves when the one that runs is over. */
  close(): Promise<void>;
}

/** Makes a scheduler, which has nothing to do yet. */
export function createScheduler({ work, clock, settleMs }: SchedulerOptions): Scheduler {
  let isWanted = false;
  let isClosed = false;
  let isStuck = false;
  let looping: Promise<void> | undefined;
  let failures = 0;
  /** The wait that goes on, if any, and whether a nudge ends it. */
  let waiting: { wake: AbortController; endsByNudge: boolean } | undefined;
  /** Those who wait for the end of a round that has not begun. */
  let hurried: (() => void)[] = [];

  const wait = async (ms: number, endsByNudge: boolean): Promise<void> => {
    if (hurried.length > 0 || isClosed) return;
    waiting = { wake: new AbortController(), endsByNudge };
    await clock.sleep(ms, waiting.wake.signal).catch(() => {});
    waiting = undefined;
  };

  const rest = (result: RoundResult, isNudged: boolean): Promise<void> | undefined => {
    if (result.kind === "again") return isNudged ? undefined : wait(result.afterMs, true);
    if (result.kind !== "failed") return undefined;
    const ms = backoffMs(failures, clock.random());
    return wait(Math.max(ms, result.afterMs ?? 0), false);
  };

  const loop = async (): Promise<void> => {
    while (isWanted && !isClosed) {
      await wait(settleMs, false);
      if (isClosed) break;
      isWanted = false;
      isStuck = false;
      const tellEnd = hurried;
      hurried = [];
      const result = await work();
      for (const tell of tellEnd) tell();
      failures = result.kind === "failed" ? failures + 1 : 0;
      isStuck = result.kind === "stuck";
      const isNudged = isWanted;
      isWanted = hurried.length > 0 || (!isStuck && (isWanted || result.kind !== "done"));
      await rest(result, isNudged);
    }
    looping = undefined;
    for (const tell of hurried) tell();
  };

  const begin = (): void => {
    isWanted = true;
    if (!isClosed) looping ??= loop();
  };

  return {
    nudge() {
      if (isStuck) return;
      if (waiting?.endsByNudge) waiting.wake.abort();
      begin();
    },
    runNow: () =>
      new Promise((resolve) => {
        if (isClosed) {
          resolve();
          return;
        }
        hurried.push(resolve);
        waiting?.wake.abort();
        begin();
      }),
    async close() {
      isClosed = true;
      waiting?.wake.abort();
      await looping;
    },
  };
}

const backoffMsMin = 1000;
const backoffMsMax = 60_000;

/** From half of a bound to all of it; the bound doubles with each failure in a row. */
function backoffMs(failures: number, random: number): number {
  const bound = Math.min(backoffMsMax, backoffMsMin * 2 ** (failures - 1));
  return (bound * (1 + random)) / 2;
}
