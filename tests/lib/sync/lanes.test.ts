import { expect, test } from "bun:test";

import { runLanes } from "../../../lib/sync/lanes.ts";

test("works on so many items at a time, takes them in order, and yields all", async () => {
  let [running, most] = [0, 0];
  const started: number[] = [];
  const events = await Array.fromAsync(
    runLanes([1, 2, 3, 4, 5], 2, async function* (item) {
      started.push(item);
      most = Math.max(most, ++running);
      yield `${item}a`;
      await Bun.sleep(5);
      yield `${item}b`;
      running -= 1;
    }),
  );
  expect(started).toEqual([1, 2, 3, 4, 5]);
  expect(most).toBe(2);
  expect(events.toSorted()).toEqual(["1a", "1b", "2a", "2b", "3a", "3b", "4a", "4b", "5a", "5b"]);
});

test("yields an event when it happens, not when the work ends", async () => {
  const slow = Promise.withResolvers<void>();
  const lanes = runLanes(["only"], 4, async function* (item) {
    yield item;
    await slow.promise;
  });
  expect((await lanes.next()).value).toBe("only");
  slow.resolve();
  expect((await lanes.next()).done).toBe(true);
});

test("an error of one piece of work ends all, with what was yielded before it", async () => {
  const seen: number[] = [];
  const all = async (): Promise<void> => {
    const lanes = runLanes([1, 2, 3], 1, async function* (item) {
      if (item === 2) throw new Error("two");
      yield item;
    });
    for await (const event of lanes) seen.push(event);
  };
  await expect(all()).rejects.toThrow("two");
  expect(seen).toEqual([1]);
});

test("a reader that leaves ends the work, with its clean-up", async () => {
  let cleaned = 0;
  const lanes = runLanes([1, 2, 3, 4], 2, async function* (item) {
    try {
      for (let event = 0; event < 100; event++) {
        await Bun.sleep(1);
        yield item;
      }
    } finally {
      cleaned += 1;
    }
  });
  for await (const event of lanes) if (event > 0) break;
  await Bun.sleep(20);
  expect(cleaned).toBe(2);
});

test("nothing to do is nothing done", async () => {
  expect(await Array.fromAsync(runLanes([], 4, async function* () {}))).toEqual([]);
});
