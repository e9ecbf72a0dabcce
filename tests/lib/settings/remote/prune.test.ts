import { describe, expect, test } from "bun:test";

import type { RemoteLog } from "../../../../lib/settings/remote/remote-log.ts";
import type { RemoteState } from "../../../../lib/settings/remote/state.ts";
import { createMemoryStore } from "../../../support/memory-store.ts";
import type { MemoryStore } from "../../../support/memory-store.ts";
import { countOf, mustPublish, openLog, readTexts, root, signal } from "./machine.ts";

const dayMs = 86_400_000;
const start = Date.UTC(2026, 0, 1);

/** A log with `count` commits, one each `everyMs`; the last one is a checkpoint where `count` is 1 + 50 n. */
async function longLog(count: number, everyMs: number) {
  const store = createMemoryStore();
  const clock = { now: start };
  const log = openLog(store, undefined, () => clock.now);
  const states: RemoteState[] = [];
  let state = await log.read(undefined, signal);
  for (let n = 1; n <= count; n++) {
    const texts = n === 1 ? { big: "x".repeat(9999), a: "1" } : { a: `${n}` };
    state = await mustPublish(log, state, texts);
    states.push(state);
    clock.now += everyMs;
  }
  return { store, log, clock, state, states };
}

function numbersIn({ objects }: MemoryStore): number[] {
  return [...objects.keys()]
    .flatMap((key) => (key.startsWith(`${root}log/`) ? [Number(key.slice(-15, -5))] : []))
    .sort((a, b) => a - b);
}

async function expectWhole(log: RemoteLog, store: MemoryStore, state: RemoteState): Promise<void> {
  const first = numbersIn(store)[0]!;
  expect(await log.read(undefined, signal)).toEqual(state);
  for (let number = first; number <= state.head!.number; number++) {
    const files = await log.filesAt(state, number, signal);
    const contents = await log.readContents(files.values(), signal);
    expect(Buffer.from(contents.get(files.get("a")!.sha256)!).toString()).toBe(`${number}`);
  }
}

describe("after a checkpoint", () => {
  test("what is before the newest checkpoint older than 90 days goes, and all else can be read", async () => {
    const { store, log, state } = await longLog(201, dayMs);
    const before = store.objects.size;
    const counts = await countOf(store, () => log.prune(state, signal));
    expect(numbersIn(store)[0]).toBe(101);
    expect(numbersIn(store).length).toBe(101);
    expect(before - store.objects.size).toBe(100 + 99);
    expect(counts.requests).toBeLessThan(215);
    await expectWhole(log, store, state);
  });

  test("a machine that knew a commit which is gone reads everything, and its base stays", async () => {
    const { log, state, states } = await longLog(201, dayMs);
    await log.prune(state, signal);
    for (const known of [states[10]!, states[99]!, states[100]!, states[150]!]) {
      expect(await log.read(known, signal)).toEqual(state);
    }
  });

  test("young commits stay, however many", async () => {
    const { store, log, state } = await longLog(151, dayMs / 2);
    await log.prune(state, signal);
    expect(numbersIn(store).length).toBe(151);
  });

  test("the newest 20 stay, however old", async () => {
    const { store, log, clock, state } = await longLog(51, dayMs);
    clock.now += 1000 * dayMs;
    await log.prune(state, signal);
    expect(numbersIn(store).length).toBe(51);
  });

  test("snapshots without a commit go, those of pi-sync and other objects stay", async () => {
    const { store, log, state } = await longLog(201, dayMs);
    const orphan = `${root}snapshots/20260110T000000Z-deadbeef.json.gz`;
    const others = [
      `${root}snapshots/2026-01-10T00-00-00-000Z-0a1b2c3d.json.gz`,
      `${root}snapshots/notes.txt`,
      `${root}history.json`,
      `${root}log/0000000001 (copy).json`,
      "pi/profiles/other/log/0000000001.json",
    ];
    for (const key of [orphan, ...others]) store.objects.set(key, Buffer.from("x"));
    await log.prune(state, signal);
    expect(store.objects.has(orphan)).toBe(false);
    for (const key of others) expect(store.objects.has(key)).toBe(true);
  });

  test("a machine whose clock is behind loses nothing", async () => {
    const { store, log, clock, states } = await longLog(200, dayMs);
    const now = clock.now;
    clock.now = 0;
    const state = await mustPublish(log, states.at(-1)!, { a: "201" });
    clock.now = now;
    await log.prune(state, signal);
    expect(numbersIn(store)[0]).toBe(101);
    await expectWhole(log, store, state);
  });
});

test("after any other commit nothing is asked for", async () => {
  const { store, log, states } = await longLog(200, dayMs);
  const counts = await countOf(store, () => log.prune(states.at(-1)!, signal));
  expect(counts.requests).toBe(0);
});

test("a failure is none, and what is left is one piece", async () => {
  const { store, clock, state } = await longLog(201, dayMs);
  let deletions = 0;
  const failing = createMemoryStore({
    objects: store.objects,
    fault: ({ method }) => (method === "delete" && ++deletions > 30 ? "fail-before" : undefined),
  });
  await openLog(failing, undefined, () => clock.now).prune(state, signal);
  const numbers = numbersIn(store);
  expect(numbers.length).toBe(171);
  expect(numbers).toEqual(Array.from({ length: 171 }, (_, index) => 31 + index));
  const log = openLog(store, undefined, () => clock.now);
  expect(await readTexts(log, await log.read(undefined, signal))).toMatchObject({ a: "201" });
  await log.prune(state, signal);
  expect(numbersIn(store)[0]).toBe(101);
});
