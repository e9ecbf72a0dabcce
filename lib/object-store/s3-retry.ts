import type { Clock } from "../platform/clock.ts";
import { S3Failure } from "./s3-failure.ts";

const triesMax = 4;
const firstDelayMs = 500;
const retryAfterMsMax = 30_000;

/**
 * Tries until it works, fails for good, or has failed four times; then throws the last failure.
 * Rejects with the signal's reason when that is aborted during a wait.
 */
export async function retryTransient<T>(
  attempt: () => Promise<T>,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof S3Failure) || !error.isTransient || tries >= triesMax) throw error;
      // Drawn from a bound that doubles, so that clients which failed together do not come back so.
      const drawnMs = clock.random() * firstDelayMs * 2 ** (tries - 1);
      const askedMs = Math.min(error.retryAfterMs ?? 0, retryAfterMsMax);
      await clock.sleep(Math.ceil(Math.max(drawnMs, askedMs)), signal);
    }
  }
}
