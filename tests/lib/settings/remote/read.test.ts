import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { createDirectoryStore } from "../../../../lib/object-store/directory-store.ts";
import { systemClock } from "../../../../lib/platform/clock.ts";
import { decodeRemoteState, encodeRemoteState } from "../../../../lib/settings/remote/state.ts";
import { createMemoryStore } from "../../../support/memory-store.ts";
import { tempDir } from "../../../support/temp.ts";
import {
  countOf,
  entryOf,
  mustPublish,
  openLog,
  openMemory,
  readTexts,
  root,
  signal,
  tamper,
} from "./machine.ts";

describe("requests", () => {
  test("an empty storage costs three", async () => {
    const { store, log } = openMemory();
    expect(await countOf(store, () => log.read(undefined, signal))).toMatchObject({ requests: 3 });
  });

  test("nothing new costs one, and gives the state that was known", async () => {
    const { store, log } = openMemory();
    const state = await mustPublish(log, await log.read(undefined, signal), { a: "1" });
    const counts = await countOf(store, async () => {
      expect(await log.read(state, signal)).toBe(state);
    });
    expect(counts).toEqual({ requests: 1, bytesUp: 0, bytesDown: 0 });
  });

  test("a push costs four: contents, entry, a look at the hint and the hint", async () => {
    const { store, log } = openMemory();
    const state = await mustPublish(log, await log.read(undefined, signal), { a: "1", b: "2" });
    const counts = await countOf(store, () => mustPublish(log, state, { a: "2" }));
    expect(counts.requests).toBe(4);
  });

  test("a commit that only deletes stores no contents", async () => {
    const { store, log } = openMemory();
    const state = await mustPublish(log, await log.read(undefined, signal), { a: "1", b: "2" });
    const counts = await countOf(store, () => mustPublish(log, state, { a: undefined }));
    expect(counts.requests).toBe(3);
  });

  test("a first look at a long log fetches what came since the last checkpoint", async () => {
    const { store, log } = openMemory();
    let state = await log.read(undefined, signal);
    const big = { big: "x".repeat(10_000) };
    state = await mustPublish(log, state, big);
    for (let n = 0; n < 53; n++) state = await mustPublish(log, state, { a: `${n}` });
    expect(state.checkpoint).toBe(51);
    const counts = await countOf(store, async () => {
      expect(await log.read(undefined, signal)).toEqual(state);
    });
    expect(counts.requests).toBe(3 + 4);
  });
});

test("of 500 files, 3 changed ones cost less than twice their size, up and down", async () => {
  const { store, log } = openMemory();
  const text = (seed: number): string =>
    Buffer.from(
      fc.sample(fc.uint8Array({ minLength: 3000, maxLength: 3000 }), { seed, numRuns: 1 })[0]!,
    ).toString("hex");
  const all = Object.fromEntries(
    Array.from({ length: 500 }, (_, index) => [`skills/skill-${index}/SKILL.md`, text(index)]),
  );
  const first = await mustPublish(log, await log.read(undefined, signal), all);
  const changed = {
    "skills/skill-1/SKILL.md": text(501),
    "skills/skill-2/SKILL.md": text(502),
    "skills/skill-3/SKILL.md": text(503),
  };
  const changedBytes = Bun.gzipSync(Buffer.from(Object.values(changed).join(""))).length;
  const up = await countOf(store, () => mustPublish(log, first, changed));
  expect(up.bytesUp).toBeLessThan(2 * changedBytes);
  expect(up.bytesDown).toBeLessThan(200);
  const down = await countOf(store, async () => {
    const state = await log.read(first, signal);
    const files = Object.keys(changed).map((path) => state.files.get(path)!);
    expect((await log.readContents(files, signal)).size).toBe(3);
  });
  expect(down.bytesDown).toBeLessThan(2 * changedBytes);
  expect(down.requests).toBe(3);
});

describe("the table", () => {
  const anyStep = fc.dictionary(
    fc.constantFrom("a", "b", "c", "__proto__", "skills/x/SKILL.md"),
    fc.option(fc.string({ maxLength: 20 }), { nil: undefined }),
    { minKeys: 1, maxKeys: 4, noNullPrototype: true },
  );

  test("is what the changes one by one make of it, from wherever it is read", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 25 }), async (steps) => {
        const { log } = openMemory();
        const expected = new Map<string, string>();
        let state = await log.read(undefined, signal);
        const seen = [state];
        for (const step of steps) {
          for (const [path, text] of Object.entries(step)) {
            if (text === undefined) expected.delete(path);
            else expected.set(path, text);
          }
          state = await mustPublish(log, state, step);
          seen.push(state);
          expect(new Map(Object.entries(await readTexts(log, state)))).toEqual(
            new Map([...expected].sort(([a], [b]) => (a < b ? -1 : 1))) as Map<
              string,
              string | undefined
            >,
          );
        }
        for (const known of seen) expect(await log.read(known, signal)).toEqual(state);
        for (const [number, { files }] of seen.entries()) {
          if (number > 0) expect(await log.filesAt(state, number, signal)).toEqual(files);
        }
        expect(decodeRemoteState(JSON.parse(JSON.stringify(encodeRemoteState(state))))).toEqual(
          state,
        );
      }),
      { numRuns: 15 },
    );
  });

  test("what was remembered wrongly is not remembered", async () => {
    const { log } = openMemory();
    const state = await mustPublish(log, await log.read(undefined, signal), { a: "1" });
    const good = encodeRemoteState(state);
    const file = { sha256: "a".repeat(64), bytes: 1, snapshot: "../x" };
    for (const wrong of [
      { head: { number: 1 } },
      { checkpoint: 2 },
      { files: { a: file } },
      { chainBytes: -1 },
    ]) {
      expect(decodeRemoteState({ ...good, ...wrong })).toBeUndefined();
    }
    expect(decodeRemoteState(undefined)).toBeUndefined();
    expect(decodeRemoteState(good)).toEqual(state);
  });
});

describe("a log that does not hold the known commit", () => {
  async function twoCommits() {
    const memory = openMemory();
    const first = await mustPublish(memory.log, await memory.log.read(undefined, signal), {
      a: "1",
    });
    const second = await mustPublish(memory.log, first, { b: "2" });
    return { ...memory, first, second };
  }

  test("it is empty", async () => {
    const { store, log, second } = await twoCommits();
    store.objects.clear();
    expect(await log.read(second, signal)).toMatchObject({ head: undefined, isRewritten: true });
  });

  test("it ends before", async () => {
    const { store, log, first, second } = await twoCommits();
    store.objects.delete(entryOf(2));
    expect(await log.read(second, signal)).toEqual({ ...first, isRewritten: true });
  });

  test("another machine continued from before", async () => {
    const { store, log, first, second } = await twoCommits();
    store.objects.delete(entryOf(2));
    const other = await mustPublish(log, first, { c: "3" });
    const state = await mustPublish(log, other, { d: "4" });
    expect(await log.read(second, signal)).toEqual({ ...state, isRewritten: true });
    expect((await log.read(first, signal)).isRewritten).toBeUndefined();
  });

  test("the copy that a synced folder leaves of a file that lost gives it away", async () => {
    const { store, log, first, second } = await twoCommits();
    const lost = store.objects.get(entryOf(2))!;
    store.objects.delete(entryOf(2));
    const other = await mustPublish(log, first, { c: "3" });
    for (const name of [
      "0000000002.sync-conflict-20261121-0930-ABC.json",
      "0000000002 (conflicted copy).json",
      "Copy of 0000000002.json",
    ]) {
      store.objects.set(`${root}log/${name}`, lost);
      expect(await log.read(second, signal)).toEqual({ ...other, isRewritten: true });
      expect(await log.read(other, signal)).toEqual(other);
      store.objects.delete(`${root}log/${name}`);
    }
  });

  test("old commits that were removed do not void what is known", async () => {
    const { store, log, first, second } = await twoCommits();
    tamper(store, entryOf(2), (entry) => {
      const file = { sha256: "a".repeat(64), bytes: 1 };
      return { ...entry, body: { ...entry.body, checkpoint: 2, files: { a: file } } };
    });
    store.objects.delete(entryOf(1));
    const state = await log.read(first, signal);
    expect(state.isRewritten).toBeUndefined();
    expect(state.head).toEqual(second.head);
    expect([...state.files.keys()]).toEqual(["a"]);
  });
});

describe("a damaged log", () => {
  test("a gap is reported, not jumped", async () => {
    const { store, log } = openMemory();
    const first = await log.read(undefined, signal);
    let state = await mustPublish(log, first, { a: "1", big: "x".repeat(99) });
    const known = state;
    for (const a of ["2", "3", "4"]) state = await mustPublish(log, state, { a });
    store.objects.delete(entryOf(3));
    for (const from of [undefined, known]) {
      await expect(log.read(from, signal)).rejects.toMatchObject({
        code: "refused",
        message: expect.stringContaining("0000000003"),
        hint: expect.stringContaining("synced folder"),
      });
    }
  });

  test("a parent that lost leads to a checkpoint, which makes all see the same", async () => {
    const { store, log } = openMemory();
    const base = await mustPublish(log, await log.read(undefined, signal), {
      a: "1",
      big: "x".repeat(999),
    });
    const mine = await mustPublish(log, base, { a: "mine" });
    store.objects.delete(entryOf(2));
    await mustPublish(log, base, { b: "theirs" });
    // With the hint, this machine would see it.
    store.objects.delete(`${root}latest.json`);
    await mustPublish(log, mine, { c: "mine" });
    const read = await log.read(undefined, signal);
    expect(await readTexts(log, read)).toMatchObject({ a: "1", b: "theirs", c: "mine" });
    const healed = await mustPublish(log, read, { d: "4" });
    expect(healed.checkpoint).toBe(4);
    expect(await log.read(undefined, signal)).toEqual(healed);
  });

  test("a checkpoint that is none, and one out of the world", async () => {
    const { store, log } = openMemory();
    let state = await log.read(undefined, signal);
    for (const a of ["1", "2"]) state = await mustPublish(log, state, { a, big: "x".repeat(99) });
    const good = store.objects.get(entryOf(2))!;
    store.objects.set(entryOf(3), good);
    tamper(store, entryOf(3), (entry) => ({
      ...entry,
      number: 3,
      parent: entry.id,
      body: { ...entry.body, checkpoint: 2 },
    }));
    await expect(log.read(undefined, signal)).rejects.toMatchObject({ code: "refused" });
    store.objects.delete(entryOf(3));
    store.objects.set(entryOf(9_999_999_999), good);
    tamper(store, entryOf(9_999_999_999), (entry) => ({ ...entry, number: 9_999_999_999 }));
    await expect(log.read(undefined, signal)).rejects.toMatchObject({ code: "refused" });
  });

  test("an entry that is too large is not taken in", async () => {
    const { store, log } = openMemory();
    await mustPublish(log, await log.read(undefined, signal), { a: "1" });
    store.objects.set(entryOf(1), Buffer.alloc(9 * 1024 * 1024, 32));
    await expect(log.read(undefined, signal)).rejects.toMatchObject({ code: "refused" });
  });
});

test("a folder is a storage as well, whatever else is in it", async () => {
  await using dir = await tempDir();
  const log = openLog(createDirectoryStore(dir.path, systemClock));
  const state = await mustPublish(log, await log.read(undefined, signal), {
    a: "1",
    ["__proto__"]: "x",
  });
  await mkdir(join(dir.path, root, "log"), { recursive: true });
  await writeFile(join(dir.path, root, "log", ".DS_Store"), "x");
  const next = await mustPublish(log, await log.read(state, signal), { a: "2" });
  expect(await log.read(undefined, signal)).toEqual(next);
  expect(Object.entries(await readTexts(log, next))).toEqual([
    ["__proto__", "x"],
    ["a", "2"],
  ]);
  expect(await readdir(join(dir.path, root, "log"))).toContain("0000000002.json");
});

test("two machines with a store each and the same objects see one log", async () => {
  const { store, log } = openMemory();
  const state = await mustPublish(log, await log.read(undefined, signal), { a: "1" });
  const other = openLog(createMemoryStore({ objects: store.objects }));
  expect(await other.read(undefined, signal)).toEqual(state);
});
