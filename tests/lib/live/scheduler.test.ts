import { describe, expect, test } from "bun:test";

import { createScheduler } from "../../../lib/live/scheduler.ts";
import type { RoundResult, Scheduler } from "../../../lib/live/scheduler.ts";
import { manualClock } from "../../support/manual-clock.ts";
import type { ManualClock } from "../../support/manual-clock.ts";

const settleMs = 30;

interface Bench {
  scheduler: Scheduler;
  clock: ManualClock;
  /** When each round began, in milliseconds from the start. */
  begun: number[];
  /** Rounds that run. */
  running(): number;
  /** Ends the round that runs. */
  end(result?: RoundResult): Promise<void>;
}

/** A scheduler whose rounds end when the test says so. */
function bench(): Bench {
  const clock = manualClock();
  const start = clock.now();
  const begun: number[] = [];
  const rounds: ((result: RoundResult) => void)[] = [];
  const work = (): Promise<RoundResult> => {
    begun.push(clock.now() - start);
    return new Promise((resolve) => rounds.push(resolve));
  };
  return {
    clock,
    begun,
    scheduler: createScheduler({ work, clock, settleMs }),
    running: () => rounds.length,
    async end(result = { kind: "done" }) {
      expect(rounds).toHaveLength(1);
      rounds.pop()?.(result);
      await clock.advance(0);
    },
  };
}

/** Whether a promise has settled by now. */
async function isSettled(promise: Promise<unknown>, clock: ManualClock): Promise<boolean> {
  let settled = false;
  void promise.then(() => (settled = true));
  await clock.advance(0);
  return settled;
}

describe("nudges", () => {
  test("nothing happens without one", async () => {
    const at = bench();
    await at.clock.advance(1_000_000);
    expect(at.begun).toEqual([]);
  });

  test("a round begins after it has settled", async () => {
    const at = bench();
    at.scheduler.nudge();
    await at.clock.advance(29);
    expect(at.begun).toEqual([]);
    await at.clock.advance(1);
    expect(at.begun).toEqual([30]);
  });

  test("many make one round", async () => {
    const at = bench();
    for (let nudges = 0; nudges < 1000; nudges++) at.scheduler.nudge();
    await at.clock.advance(20);
    at.scheduler.nudge();
    await at.clock.advance(10);
    await at.end();
    await at.clock.advance(1_000_000);
    expect(at.begun).toEqual([30]);
  });

  test("those in a round make one more, after it", async () => {
    const at = bench();
    at.scheduler.nudge();
    await at.clock.advance(100);
    for (let nudges = 0; nudges < 10; nudges++) at.scheduler.nudge();
    await at.clock.advance(100);
    expect(at.running()).toBe(1);
    await at.end();
    await at.clock.advance(100);
    await at.end();
    await at.clock.advance(1_000_000);
    expect(at.begun).toEqual([30, 230]);
  });

  test("one right after the end of a round is not lost", async () => {
    const at = bench();
    at.scheduler.nudge();
    await at.clock.advance(30);
    await at.end();
    at.scheduler.nudge();
    await at.clock.advance(30);
    expect(at.begun).toEqual([30, 60]);
  });

  test("a round that ends and a nudge in the same moment make one more round", async () => {
    for (let ticks = 0; ticks < 8; ticks++) {
      const clock = manualClock();
      let rounds = 0;
      const work = async (): Promise<RoundResult> => {
        rounds += 1;
        return { kind: "done" };
      };
      const scheduler = createScheduler({ work, clock, settleMs: 0 });
      const over = scheduler.runNow();
      for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
      const before = rounds;
      scheduler.nudge();
      await over;
      await clock.advance(0);
      expect(rounds).toBe(before + 1);
    }
  });
});

describe("waits", () => {
  test("there is more to do, not before its time", async () => {
    const at = bench();
    at.scheduler.nudge();
    await at.clock.advance(30);
    await at.end({ kind: "again", afterMs: 2000 });
    await at.clock.advance(2029);
    expect(at.begun).toEqual([30]);
    await at.clock.advance(1);
    expect(at.begun).toEqual([30, 2060]);
  });

  test("a nudge cuts short the wait for more", async () => {
    const at = bench();
    at.scheduler.nudge();
    await at.clock.advance(30);
    await at.end({ kind: "again", afterMs: 2000 });
    await at.clock.advance(470);
    at.scheduler.nudge();
    await at.clock.advance(30);
    expect(at.begun).toEqual([30, 530]);
  });

  test("a nudge in a round is not held up by the wait for more", async () => {
    const at = bench();
    at.scheduler.nudge();
    await at.clock.advance(30);
    at.scheduler.nudge();
    await at.end({ kind: "again", afterMs: 300_000 });
    await at.clock.advance(30);
    await at.end({ kind: "again", afterMs: 300_000 });
    await at.clock.advance(300_000);
    expect(at.begun).toEqual([30, 60]);
  });

  test("a nudge in a round that fails makes no round before its time", async () => {
    const at = bench();
    at.scheduler.nudge();
    await at.clock.advance(30);
    at.scheduler.nudge();
    await at.end({ kind: "failed" });
    await at.clock.advance(529);
    expect(at.begun).toEqual([30]);
    await at.clock.advance(1);
    expect(at.begun).toEqual([30, 560]);
  });

  test("a nudge does not cut short the wait after a failure", async () => {
    const at = bench();
    at.scheduler.nudge();
    await at.clock.advance(30);
    await at.end({ kind: "failed" });
    for (let nudges = 0; nudges < 52; nudges++) {
      at.scheduler.nudge();
      await at.clock.advance(10);
    }
    expect(at.begun).toEqual([30]);
    await at.clock.advance(10);
    // Half of a second, and the time to settle.
    expect(at.begun).toEqual([30, 560]);
  });

  test.each([
    [0, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]],
    [0.5, [750, 1500, 3000, 6000, 12_000, 24_000, 45_000, 45_000]],
  ])("waits double with each failure in a row, up to a minute (drawn: %d)", async (draw, waits) => {
    const at = bench();
    at.clock.draw = draw;
    at.scheduler.nudge();
    await at.clock.advance(30);
    for (const ms of waits) {
      await at.end({ kind: "failed" });
      await at.clock.advance(ms + settleMs - 1);
      expect(at.running()).toBe(0);
      await at.clock.advance(1);
    }
    await at.end({ kind: "done" });
    at.scheduler.nudge();
    await at.clock.advance(30);
    await at.end({ kind: "failed" });
    await at.clock.advance(500 * (1 + draw) + settleMs);
    expect(at.running()).toBe(1);
  });

  test("no wait after a failure is longer than a minute, after thousands of them", async () => {
    const at = bench();
    at.clock.draw = 0.999_999;
    at.scheduler.nudge();
    for (let failures = 0; failures < 1200; failures++) {
      await at.clock.advance(60_000 + settleMs);
      await at.end({ kind: "failed" });
    }
    expect(at.begun).toHaveLength(1200);
  });

  test("waits at least as long as the server asks", async () => {
    const at = bench();
    at.scheduler.nudge();
    await at.clock.advance(30);
    await at.end({ kind: "failed", afterMs: 90_000 });
    await at.clock.advance(90_029);
    expect(at.begun).toEqual([30]);
    await at.clock.advance(1);
    await at.end({ kind: "failed", afterMs: 1 });
    await at.clock.advance(1029);
    expect(at.begun).toEqual([30, 90_060]);
    await at.clock.advance(1);
    expect(at.running()).toBe(1);
  });

  test("stuck, it waits for a person", async () => {
    const at = bench();
    at.scheduler.nudge();
    await at.clock.advance(30);
    at.scheduler.nudge();
    await at.end({ kind: "stuck" });
    at.scheduler.nudge();
    await at.clock.advance(1_000_000);
    expect(at.begun).toEqual([30]);
    void at.scheduler.runNow();
    await at.clock.advance(0);
    await at.end();
    at.scheduler.nudge();
    await at.clock.advance(30);
    expect(at.begun).toHaveLength(3);
  });

  test("a nudge while a person tries again makes one more round", async () => {
    const at = bench();
    void at.scheduler.runNow();
    await at.clock.advance(0);
    await at.end({ kind: "stuck" });
    void at.scheduler.runNow();
    await at.clock.advance(0);
    at.scheduler.nudge();
    await at.end({ kind: "done" });
    await at.clock.advance(30);
    expect(at.begun).toEqual([0, 0, 30]);
  });
});

describe("runNow", () => {
  test("begins at once and resolves at the end of the round", async () => {
    const at = bench();
    const over = at.scheduler.runNow();
    await at.clock.advance(0);
    expect(at.begun).toEqual([0]);
    expect(await isSettled(over, at.clock)).toBe(false);
    await at.end();
    expect(await isSettled(over, at.clock)).toBe(true);
  });

  test.each<RoundResult>([{ kind: "again", afterMs: 5000 }, { kind: "failed" }])(
    "does not wait out %p",
    async (result) => {
      const at = bench();
      at.scheduler.nudge();
      await at.clock.advance(30);
      await at.end(result);
      await at.clock.advance(70);
      void at.scheduler.runNow();
      await at.clock.advance(0);
      expect(at.begun).toEqual([30, 100]);
    },
  );

  test("does not wait for a nudge to settle", async () => {
    const at = bench();
    at.scheduler.nudge();
    await at.clock.advance(10);
    const over = at.scheduler.runNow();
    await at.clock.advance(0);
    await at.end();
    expect(await isSettled(over, at.clock)).toBe(true);
    await at.clock.advance(1_000_000);
    expect(at.begun).toEqual([10]);
  });

  test.each<RoundResult>([
    { kind: "done" },
    { kind: "failed", afterMs: 99_000 },
    { kind: "stuck" },
    { kind: "again", afterMs: 99_000 },
  ])("in a round that ends as %p, it waits for the end of the next", async (result) => {
    const at = bench();
    at.scheduler.nudge();
    await at.clock.advance(30);
    const both = Promise.all([at.scheduler.runNow(), at.scheduler.runNow()]);
    await at.end(result);
    expect(await isSettled(both, at.clock)).toBe(false);
    expect(at.begun).toEqual([30, 30]);
    await at.end();
    expect(await isSettled(both, at.clock)).toBe(true);
    await at.clock.advance(1_000_000);
    expect(at.begun).toHaveLength(2);
  });
});

describe("close", () => {
  test("with nothing to do is over at once, and nothing begins after it", async () => {
    const at = bench();
    expect(await isSettled(at.scheduler.close(), at.clock)).toBe(true);
    at.scheduler.nudge();
    expect(await isSettled(at.scheduler.runNow(), at.clock)).toBe(true);
    await at.clock.advance(1_000_000);
    expect(at.begun).toEqual([]);
  });

  test("begins no round that waits to settle", async () => {
    const at = bench();
    at.scheduler.nudge();
    await at.clock.advance(10);
    expect(await isSettled(at.scheduler.close(), at.clock)).toBe(true);
    await at.clock.advance(1_000_000);
    expect(at.begun).toEqual([]);
  });

  test("lets a round end, begins no other, and lets those who wait for one go", async () => {
    const at = bench();
    at.scheduler.nudge();
    await at.clock.advance(30);
    at.scheduler.nudge();
    const over = at.scheduler.runNow();
    const closed = at.scheduler.close();
    expect(await isSettled(closed, at.clock)).toBe(false);
    await at.end({ kind: "again", afterMs: 10 });
    expect(await isSettled(closed, at.clock)).toBe(true);
    expect(await isSettled(over, at.clock)).toBe(true);
    await at.clock.advance(1_000_000);
    expect(at.begun).toEqual([30]);
  });

  test.each<RoundResult>([{ kind: "again", afterMs: 5000 }, { kind: "failed" }])(
    "ends the wait after %p",
    async (result) => {
      const at = bench();
      at.scheduler.nudge();
      await at.clock.advance(30);
      await at.end(result);
      expect(await isSettled(at.scheduler.close(), at.clock)).toBe(true);
      await at.clock.advance(1_000_000);
      expect(at.begun).toEqual([30]);
    },
  );

  test("right after runNow it lets its caller go", async () => {
    const at = bench();
    const over = at.scheduler.runNow();
    const closed = at.scheduler.close();
    expect(await isSettled(closed, at.clock)).toBe(true);
    expect(await isSettled(over, at.clock)).toBe(true);
    expect(at.begun).toEqual([]);
  });
});
