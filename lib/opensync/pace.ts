import type { Clock } from "../platform/clock.ts";
import { OpenSyncError } from "./failure.ts";
import { afterCall, type CallEnd, startLevel } from "./pace-level.ts";

/**
 * Lets as many calls of one user run at once as make the server fastest, and finds that number by
 * itself. Share one among all that write for a user.
 */
export interface Pace {
  /**
   * Runs the call when a place is free; in the order of asking. Rejects with the signal's reason
   * when that is aborted before.
   */
  run<T>(call: () => Promise<T>, signal?: AbortSignal): Promise<T>;
  /** How many calls may be in flight at present. */
  limit(): number;
}

/** The most that OpenSync's smallest plan runs at once is 16, for all its users. */
const limitMax = 8;

/** Makes a pace that begins with one call in flight. */
export function createPace(clock: Pick<Clock, "now">, max: number = limitMax): Pace {
  let level = startLevel(max);
  let inFlight = 0;
  const queue: (() => void)[] = [];

  const admit = (): void => {
    while (inFlight < level.limit && queue.length > 0) {
      inFlight += 1;
      queue.shift()?.();
    }
  };
  const leave = (outcome: CallEnd["outcome"], dropsBefore: number): void => {
    inFlight -= 1;
    level = afterCall(level, {
      outcome,
      dropsBefore,
      waiting: queue.length > 0,
      nowMs: clock.now(),
    });
    admit();
  };
  const enter = (signal: AbortSignal | undefined): Promise<void> =>
    new Promise((resolve, reject) => {
      const onAbort = (): void => {
        queue.splice(queue.indexOf(start), 1);
        reject(signal?.reason as Error);
      };
      const start = (): void => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      queue.push(start);
      admit();
    });

  return {
    limit: () => level.limit,
    run: async (call, signal) => {
      signal?.throwIfAborted();
      await enter(signal);
      const dropsBefore = level.drops;
      let outcome: CallEnd["outcome"] = "void";
      try {
        const result = await call();
        outcome = "done";
        return result;
      } catch (error) {
        outcome = outcomeOf(error);
        throw error;
      } finally {
        leave(outcome, dropsBefore);
      }
    },
  };
}

function outcomeOf(error: unknown): CallEnd["outcome"] {
  if (!(error instanceof OpenSyncError)) return "void";
  if (error.kind === "refused") return "done";
  const overloaded = error.kind === "rate-limited" || error.kind === "timeout";
  return overloaded || error.reason === "conflict" || error.reason === "busy"
    ? "overloaded"
    : "void";
}
