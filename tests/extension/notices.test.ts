import { afterEach, beforeEach, expect, jest, test } from "bun:test";

import type { HostedSession } from "../../extension/host.ts";
import { createNotices } from "../../extension/notices.ts";
import { processMemory } from "../../extension/process-memory.ts";
import { startState } from "../../lib/live/state.ts";
import type { LiveState } from "../../lib/live/state.ts";

beforeEach(() => {
  jest.useFakeTimers();
  processMemory().toldOf = undefined;
});
afterEach(() => {
  jest.useRealTimers();
});

/** A session whose person is shown notices. */
function session(hasUI = true) {
  const told: string[] = [];
  const end = new AbortController();
  const ui = { notify: (text: string) => void told.push(text) } as unknown as HostedSession["ui"];
  const notice = createNotices({ hasUI, ui, signal: end.signal } as HostedSession);
  return {
    told,
    end,
    say: (state: Partial<LiveState>) => notice({ ...startState("open"), ...state }),
  };
}

async function pass(ms: number): Promise<void> {
  jest.advanceTimersByTime(ms);
  for (let tick = 0; tick < 10; tick++) await Promise.resolve();
}

const gone: Partial<LiveState> = {
  phase: "offline",
  failure: { message: "OpenSync could not be reached.", hint: "Check it.", isTimeout: false },
};
const refused: Partial<LiveState> = {
  phase: "refused",
  failure: { message: "The key is refused.", hint: "Copy it again.", isTimeout: false },
};

test("nothing is told where nothing is wrong", async () => {
  const { say, told } = session();
  say({});
  say({ phase: "sending", waiting: 3 });
  say({ lastSuccessAt: 1 });
  await pass(60_000);
  expect(told).toEqual([]);
});

test("a refused key is told at once, with what to do", () => {
  const { say, told } = session();
  say({});
  say(refused);
  expect(told).toEqual(["OpenSync: The key is refused. Copy it again. Then run /opensync sync."]);
});

test("a server that is gone is told after five seconds", async () => {
  const { say, told } = session();
  say(gone);
  await pass(4999);
  expect(told).toEqual([]);
  await pass(1);
  expect(told).toEqual([
    "OpenSync: OpenSync could not be reached. Sessions are kept here and sent when it is back.",
  ]);
});

test("a short outage is not worth a notice", async () => {
  const { say, told } = session();
  say(gone);
  await pass(3000);
  say({ lastSuccessAt: 1 });
  await pass(60_000);
  expect(told).toEqual([]);
});

// The wait for the first outage ends in the second.
test("several short outages are not worth a notice", async () => {
  const { say, told } = session();
  for (let outage = 0; outage < 5; outage++) {
    say(gone);
    await pass(1000);
    say({ lastSuccessAt: outage });
    await pass(1000);
  }
  expect(told).toEqual([]);
});

test("an outage is told once, however often it is tried again and sessions change", async () => {
  const first = session();
  for (let tries = 0; tries < 5; tries++) {
    first.say(gone);
    await pass(10_000);
    first.say({ ...gone, phase: "sending" });
    await pass(1000);
  }
  first.end.abort();
  const second = session();
  second.say({});
  second.say(gone);
  await pass(60_000);
  expect(first.told).toHaveLength(1);
  expect(second.told).toEqual([]);
});

test("after it went well, the next outage is told again", async () => {
  const { say, told } = session();
  say(gone);
  await pass(5000);
  say({ lastSuccessAt: 1 });
  say({ ...gone, lastSuccessAt: 1 });
  await pass(5000);
  expect(told).toHaveLength(2);
});

test("nothing is told once the session has ended", async () => {
  const { say, told, end } = session();
  say(gone);
  end.abort();
  await pass(60_000);
  say(refused);
  expect(told).toEqual([]);
});

test("nothing is told where nobody sees it", async () => {
  const { say, told } = session(false);
  say(refused);
  say(gone);
  await pass(60_000);
  expect(told).toEqual([]);
  expect(processMemory().toldOf).toBeUndefined();
});

test("trouble without a hint leaves no gap", () => {
  const { say, told } = session();
  say({ phase: "failed", failure: { message: "The disk is full.", isTimeout: false } });
  expect(told[0]).toBe("OpenSync: The disk is full. Then run /opensync sync.");
});
