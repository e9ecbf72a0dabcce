import type { Clock } from "../platform/clock.ts";
import { isRetryable, OpenSyncError } from "./failure.ts";

/** How often and how long one request is tried. */
export interface RetryLimits {
  /** Tries, the first included. */
  triesMax: number;
  /** No wait is begun that would end later than this after the first try. */
  totalMsMax: number;
}

/** What is about to be tried again. */
export interface RetryReport {
  /** The number of the try that failed, from 1. */
  attempt: number;
  /** How long we wait before the next. */
  delayMs: number;
  error: OpenSyncError;
}

/** What `retry` needs. */
export interface RetryOptions {
  clock: Clock;
  limits: RetryLimits;
  onRetry?: ((report: RetryReport) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Tries until it works, fails for good, or a limit is reached; then throws the last failure.
 * Rejects with the signal's reason when that is aborted during a wait.
 */
export async function retry<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { clock, limits, onRetry, signal } = options;
  const lastMs = clock.now() + limits.totalMsMax;
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof OpenSyncError) || !isRetryable(error.kind)) throw error;
      const delayMs = retryDelayMs(error, tries, clock.random());
      if (tries >= limits.triesMax || clock.now() + delayMs > lastMs) throw error;
      onRetry?.({ attempt: tries, delayMs, error });
      await clock.sleep(delayMs, signal);
    }
  }
}

const delayMsMin = 500;
// The server has tried again itself, for some seconds, before it reports a conflict.
const conflictDelayMsMin = 3_000;
const delayMsMax = 30_000;

/**
 * The wait after try number `tries`: anything from nothing to a bound that doubles each time, so
 * that clients which failed together do not come back together, and at least what the server asks
 * for. `random` is from 0 to 1.
 */
function retryDelayMs(error: OpenSyncError, tries: number, random: number): number {
  const first = error.reason === "conflict" ? conflictDelayMsMin : delayMsMin;
  const bound = Math.min(delayMsMax, first * 2 ** (tries - 1));
  return Math.max(Math.ceil(random * bound), error.retryAfterMs ?? 0);
}
