import { describe, expect, test } from "bun:test";
import { OpenSyncError } from "../../../lib/opensync/failure.ts";
import { createPace, type Pace } from "../../../lib/opensync/pace.ts";
import type { Clock } from "../../../lib/platform/clock.ts";
import { virtualClock } from "./virtual-time.ts";

/** Answers a call after some time, or throws what the client would throw. */
type Server = (clock: Clock) => () => Promise<void>;

const callersCount = 8;
const conflict = (): OpenSyncError =>
  new OpenSyncError("server", "conflict", { reason: "conflict" });

const latency =
  (ms: number, jitter = 0): Server =>
  (clock) =>
  () =>
    clock.sleep(ms * (1 + jitter * (2 * clock.random() - 1)));

/** Network time, then one after another. */
const serial =
  (networkMs: number, serviceMs: number): Server =>
  (clock) => {
    let freeAtMs = 0;
    return async () => {
      await clock.sleep(networkMs);
      freeAtMs = Math.max(freeAtMs, clock.now()) + serviceMs;
      await clock.sleep(freeAtMs - clock.now());
    };
  };

/** Fails a call for which there is no room. */
const limited =
  (ms: number, room: number): Server =>
  (clock) => {
    let inFlight = 0;
    return async () => {
      inFlight += 1;
      const admitted = inFlight <= room;
      await clock.sleep(ms);
      inFlight -= 1;
      if (!admitted) throw conflict();
    };
  };

/** The more in flight, the slower all together. */
const contended =
  (ms: number): Server =>
  (clock) => {
    let inFlight = 0;
    return async () => {
      inFlight += 1;
      await clock.sleep(ms * (1 + 0.3 * (inFlight - 1) ** 2));
      inFlight -= 1;
    };
  };

/** Fails some calls by chance, whatever is in flight. */
const flaky =
  (ms: number, share: number): Server =>
  (clock) =>
  async () => {
    await clock.sleep(ms);
    if (clock.random() < share) throw conflict();
  };

/** Calls per second of a server, when callers repeat after failures as the client does. */
async function measure(
  server: Server,
  calls: number,
  makePace: (clock: Clock) => Pace,
): Promise<number> {
  const clock = virtualClock();
  const pace = makePace(clock);
  const call = server(clock);
  let left = calls;
  const caller = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      for (let tries = 0; ; tries++) {
        try {
          await pace.run(call);
          break;
        } catch {
          await clock.sleep(clock.random() * 3_000 * 2 ** tries);
        }
      }
    }
  };
  await clock.run(Promise.all(Array.from({ length: callersCount }, caller)));
  return (calls * 1000) / clock.now();
}

/** Always the same number in flight. */
function fixedPace(limit: number): Pace {
  let inFlight = 0;
  const queue: (() => void)[] = [];
  return {
    limit: () => limit,
    run: async (call) => {
      if (inFlight >= limit) await new Promise<void>((resolve) => queue.push(resolve));
      else inFlight += 1;
      try {
        return await call();
      } finally {
        if (queue.length > 0) queue.shift()!();
        else inFlight -= 1;
      }
    },
  };
}

async function measureBestFixed(server: Server, calls: number): Promise<number> {
  let best = 0;
  for (let limit = 1; limit <= callersCount; limit++) {
    best = Math.max(best, await measure(server, calls, () => fixedPace(limit)));
  }
  return best;
}

const servers: [string, Server][] = [
  ["that takes 5 ms whatever the load", latency(5)],
  ["that takes 50 ms whatever the load", latency(50)],
  ["that takes 200 ms whatever the load", latency(200)],
  ["that takes 20 to 80 ms", latency(50, 0.6)],
  ["that works on one call at a time", serial(0, 10)],
  ["that works on one call at a time, far away", serial(40, 20)],
  ["with room for 1", limited(50, 1)],
  ["with room for 3", limited(50, 3)],
  ["with room for 5", limited(200, 5)],
  ["that slows down under load", contended(50)],
  ["that fails one call of 500", flaky(50, 0.002)],
];

test.each(servers)(
  "comes within a fifth of the best fixed number against a server %s",
  async (_, server) => {
    const calls = 2_000;
    const best = await measureBestFixed(server, calls);
    const own = await measure(server, calls, (clock) => createPace(clock));
    expect(own / best).toBeGreaterThan(0.8);
  },
  20_000,
);

describe("pace", () => {
  test("begins with one call at a time, in the order of asking", async () => {
    const pace = createPace(virtualClock());
    const events: string[] = [];
    const call = (name: string) => async () => {
      events.push(`${name} begins`);
      await Promise.resolve();
      events.push(`${name} ends`);
    };
    await Promise.all([pace.run(call("a")), pace.run(call("b"))]);
    expect(events).toEqual(["a begins", "a ends", "b begins", "b ends"]);
  });

  test("a failed call gives its place back and keeps its error", async () => {
    const pace = createPace(virtualClock());
    const error = new Error("no");
    expect(pace.run(() => Promise.reject(error))).rejects.toBe(error);
    expect(await pace.run(() => Promise.resolve(1))).toBe(1);
  });

  test("a call that was given up while it waited is never begun", async () => {
    const pace = createPace(virtualClock());
    const controller = new AbortController();
    const gate = Promise.withResolvers<void>();
    const first = pace.run(() => gate.promise);
    let begun = false;
    const second = pace.run(() => Promise.resolve((begun = true)), controller.signal);
    const third = pace.run(() => Promise.resolve("third"));
    controller.abort(new Error("stop"));
    expect(second).rejects.toThrow("stop");
    gate.resolve();
    await first;
    expect(await third).toBe("third");
    expect(begun).toBe(false);
  });

  test("a signal that is aborted late harms no other call", async () => {
    const pace = createPace(virtualClock());
    const controller = new AbortController();
    const first = pace.run(() => Promise.resolve("first"), controller.signal);
    const second = pace.run(() => Promise.resolve("second"));
    controller.abort();
    expect(await Promise.all([first, second])).toEqual(["first", "second"]);
  });

  test("callers fewer than the limit do not raise it", async () => {
    const clock = virtualClock();
    const pace = createPace(clock);
    await clock.run(
      (async () => {
        for (let i = 0; i < 200; i++) {
          await pace.run(() => clock.sleep(50));
          expect(pace.limit()).toBe(1);
        }
      })(),
    );
  });
});

/** The limit after the server has come to bear eight calls, and then `trouble` happens. */
async function limitAfter(
  trouble: (pace: Pace, clock: Clock) => Promise<unknown>,
): Promise<number> {
  const clock = virtualClock();
  const pace = createPace(clock);
  const calls = Array.from({ length: 400 }, () => pace.run(() => clock.sleep(50)));
  await clock.run(Promise.all(calls));
  expect(pace.limit()).toBe(8);
  await clock.run(trouble(pace, clock));
  return pace.limit();
}

test("calls that fail together lower the limit once", async () => {
  const fail = (pace: Pace, clock: Clock) => () =>
    pace.run(() =>
      clock.sleep(10).then(() => {
        throw conflict();
      }),
    );
  expect(
    await limitAfter((pace, clock) =>
      Promise.allSettled(Array.from({ length: 8 }, fail(pace, clock))),
    ),
  ).toBe(6);
});

test.each<[number, string, Error]>([
  [6, "a rate limit", new OpenSyncError("rate-limited", "x")],
  [6, "a timeout", new OpenSyncError("timeout", "x")],
  [6, "an overload", new OpenSyncError("server", "x", { reason: "busy" })],
  [8, "an unknown error", new OpenSyncError("server", "x", { reason: "unknown" })],
  [8, "a refusal", new OpenSyncError("refused", "x")],
  [8, "a lost connection", new OpenSyncError("unreachable", "x")],
  [8, "a call given up", new Error("cancelled")],
])("a limit of eight is %d after %s", async (limit, _, error) => {
  expect(await limitAfter((pace) => pace.run(() => Promise.reject(error)).catch(() => {}))).toBe(
    limit,
  );
});

test("finds the way back to eight after the server was overloaded for a minute", async () => {
  const clock = virtualClock();
  const pace = createPace(clock);
  const repaired = 60_000;
  const call = async (): Promise<void> => {
    await clock.sleep(50);
    if (clock.now() < repaired) throw conflict();
  };
  const caller = async (): Promise<void> => {
    while (clock.now() < repaired + 20_000) {
      await pace.run(call).catch(() => clock.sleep(2_000));
    }
  };
  await clock.run(Promise.all(Array.from({ length: callersCount }, caller)));
  expect(pace.limit()).toBe(8);
});
