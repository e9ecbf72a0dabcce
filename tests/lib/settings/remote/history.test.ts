import { expect, test } from "bun:test";

import { countOf, entryOf, mustPublish, openMemory, signal } from "./machine.ts";

async function twenty() {
  const { store, log } = openMemory();
  let state = await log.read(undefined, signal);
  for (let n = 1; n <= 20; n++)
    state = await mustPublish(log, state, { a: `${n}`, [`f${n}`]: "x".repeat(99) });
  return { store, log, state };
}

test("the newest come first, as many as were asked for", async () => {
  const { store, log, state } = await twenty();
  const counts = await countOf(store, async () => {
    const commits = await log.history(state, 3, signal);
    expect(commits.map(({ number }) => number)).toEqual([20, 19, 18]);
  });
  expect(counts.requests).toBe(3);
  expect((await log.history(state, 100, signal)).length).toBe(20);
  expect(await log.history(state, 0, signal)).toEqual([]);
});

test("it ends where older commits were removed", async () => {
  const { store, log, state } = await twenty();
  for (let n = 1; n <= 11; n++) store.objects.delete(entryOf(n));
  const counts = await countOf(store, async () => {
    const commits = await log.history(state, 100, signal);
    expect(commits.map(({ number }) => number)).toEqual([20, 19, 18, 17, 16, 15, 14, 13, 12]);
  });
  expect(counts.requests).toBe(16);
});

test("there is none in an empty storage", async () => {
  const { log } = openMemory();
  expect(await log.history(await log.read(undefined, signal), 9, signal)).toEqual([]);
});

test.each([0, -1, 21, 1.5, Number.NaN, 1e300])("there is no commit %p", async (number) => {
  const { store, log, state } = await twenty();
  const counts = await countOf(store, async () => {
    await expect(log.filesAt(state, number, signal)).rejects.toMatchObject({
      code: "refused",
      hint: expect.stringContaining("history"),
    });
  });
  expect(counts.requests).toBe(0);
});
