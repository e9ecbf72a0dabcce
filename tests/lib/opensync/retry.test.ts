import { expect, test } from "bun:test";
import fc from "fast-check";
import { OpenSyncError } from "../../../lib/opensync/failure.ts";
import { retry, type RetryReport } from "../../../lib/opensync/retry.ts";
import type { Clock } from "../../../lib/platform/clock.ts";

const limits = { triesMax: 6, totalMsMax: 120_000 };
const busy = new OpenSyncError("server", "busy", { reason: "busy" });
const conflict = new OpenSyncError("server", "conflict", { reason: "conflict" });

/** A clock on which waiting takes no time, with the longest delays. */
function hastyClock(): Clock {
  let nowMs = 0;
  return {
    now: () => nowMs,
    random: () => 1,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      nowMs += ms;
    },
  };
}

/** Fails the given times, then works. */
function failing(error: Error, times: number): () => Promise<string> {
  return async () => {
    if (times-- > 0) throw error;
    return "done";
  };
}

test("tries again until it works, and reports each failure", async () => {
  const reports: RetryReport[] = [];
  const options = {
    clock: hastyClock(),
    limits,
    onRetry: (report: RetryReport) => reports.push(report),
  };
  expect(await retry(failing(busy, 3), options)).toBe("done");
  expect(reports).toEqual([
    { attempt: 1, delayMs: 500, error: busy },
    { attempt: 2, delayMs: 1_000, error: busy },
    { attempt: 3, delayMs: 2_000, error: busy },
  ]);
});

test("gives up after the last try, with the last failure", async () => {
  const options = { clock: hastyClock(), limits };
  expect(await retry(failing(busy, 5), options)).toBe("done");
  await expect(retry(failing(busy, 6), options)).rejects.toBe(busy);
});

test("begins no wait that ends after the time limit", async () => {
  const clock = hastyClock();
  const slow = new OpenSyncError("rate-limited", "wait", { retryAfterMs: 50_000 });
  await expect(retry(failing(slow, 9), { clock, limits })).rejects.toBe(slow);
  await Promise.resolve();
  expect(clock.now()).toBe(100_000);
});

test.each(["tls", "not-opensync", "unauthorised", "refused"] as const)(
  "does not repeat %s",
  async (kind) => {
    const error = new OpenSyncError(kind, "no");
    await expect(retry(failing(error, 1), { clock: hastyClock(), limits })).rejects.toBe(error);
  },
);

test("does not repeat an error that is not OpenSync's", async () => {
  const bug = new TypeError("bug");
  await expect(retry(failing(bug, 1), { clock: hastyClock(), limits })).rejects.toBe(bug);
});

test("a signal ends the wait", async () => {
  const controller = new AbortController();
  const options = {
    clock: hastyClock(),
    limits,
    signal: controller.signal,
    onRetry: () => controller.abort(new Error("stop")),
  };
  await expect(retry(failing(busy, 1), options)).rejects.toThrow("stop");
});

/** The first delays after a failure, for a clock that draws `random`. */
async function delaysOf(error: OpenSyncError, random: number): Promise<number[]> {
  const delays: number[] = [];
  const clock = { ...hastyClock(), random: () => random };
  const patience = { triesMax: 9, totalMsMax: 1e9 };
  const onRetry = ({ delayMs }: RetryReport): number => delays.push(delayMs);
  await retry(failing(error, 8), { clock, limits: patience, onRetry });
  return delays;
}

test("delays double up to half a minute; after a conflict they are of seconds", async () => {
  expect(await delaysOf(busy, 1)).toEqual([
    500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
  ]);
  expect((await delaysOf(conflict, 1)).slice(0, 5)).toEqual([3_000, 6_000, 12_000, 24_000, 30_000]);
});

test("a delay is anything below its bound, and never less than what the server asks for", async () => {
  const drawn = fc.double({ min: 0, max: 1, noNaN: true });
  await fc.assert(
    fc.asyncProperty(drawn, fc.nat(90_000), async (random, askedMs) => {
      const asked = new OpenSyncError("rate-limited", "x", { retryAfterMs: askedMs });
      const expected = (await delaysOf(busy, 1)).map((boundMs) =>
        Math.max(askedMs, Math.ceil(random * boundMs)),
      );
      expect(await delaysOf(asked, random)).toEqual(expected);
    }),
  );
});
