import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { AppError } from "../../../../lib/errors.ts";
import { createDirectoryStore } from "../../../../lib/object-store/directory-store.ts";
import { systemClock } from "../../../../lib/platform/clock.ts";
import { createMemoryStore } from "../../../support/memory-store.ts";
import type { MemoryStore } from "../../../support/memory-store.ts";
import { tempDir } from "../../../support/temp.ts";
import { publishInTurns } from "../../../fixtures/publish-worker.ts";
import {
  changesOf,
  entryOf,
  mustPublish,
  openLog,
  openMemory,
  readTexts,
  root,
  signal,
} from "./machine.ts";

const workerPath = join(import.meta.dirname, "../../../fixtures/publish-worker.ts");
const machines = Array.from({ length: 8 }, (_, index) => `machine-${index}`);
const allFiles = machines.flatMap((machine) => [1, 2, 3, 4, 5].map((n) => `${machine}/${n}`));

describe("8 machines with 5 commits each lose none of 40", () => {
  test("in memory, where they take turns at every call", async () => {
    const { store, log } = openMemory();
    const turn = (): Promise<undefined> =>
      new Promise((resolve) => setTimeout(() => resolve(undefined), Math.random() * 3));
    await Promise.all(
      machines.map((machine) => {
        const own = createMemoryStore({ objects: store.objects, fault: turn });
        return publishInTurns(openLog(own), machine, 5);
      }),
    );
    const state = await log.read(undefined, signal);
    expect(Object.keys(await readTexts(log, state))).toEqual(allFiles);
    expect((await log.history(state, 100, signal)).length).toBe(40);
  });

  test("as processes that share a folder", async () => {
    await using dir = await tempDir();
    const workers = machines.map((machine) =>
      Bun.spawn([process.execPath, workerPath, dir.path, machine, "5"], { stderr: "inherit" }),
    );
    expect(await Promise.all(workers.map(({ exited }) => exited))).toEqual(machines.map(() => 0));
    const log = openLog(createDirectoryStore(dir.path, systemClock));
    const state = await log.read(undefined, signal);
    expect(Object.keys(await readTexts(log, state))).toEqual(allFiles);
    const commits = await log.history(state, 100, signal);
    expect(commits.map(({ number }) => number)).toEqual(
      Array.from({ length: 40 }, (_, index) => 40 - index),
    );
  });
});

test("who loses the race has changed nothing", async () => {
  const { store, log } = openMemory();
  const state = await mustPublish(log, await log.read(undefined, signal), { a: "1" });
  const won = await mustPublish(log, state, { a: "mine" });
  const draft = {
    parent: state,
    kind: "push",
    machine: "x",
    changes: changesOf({ a: "theirs" }),
  } as const;
  expect(await log.publish(draft, signal)).toEqual({ raced: true });
  expect(await log.read(state, signal)).toEqual(won);
  expect(Buffer.from(store.objects.get(`${root}latest.json`)!).toString()).toContain(won.head!.id);
});

describe("where a call fails or the process ends", () => {
  const calls = ["create profile.json", "put snapshots/", "create log/", "put latest.json"];
  const faults = ["fail-before", "fail-after", "crash-before", "crash-after"] as const;
  const cases = calls.flatMap((call) => faults.map((fault) => [call, fault] as const));

  test.each(cases)(
    "%s: %s; the commit is there or not, and the next one works",
    async (call, fault) => {
      const objects: MemoryStore["objects"] = new Map();
      const store = createMemoryStore({
        objects,
        fault: ({ method, key }) =>
          `${method} ${key.slice(root.length)}`.startsWith(call) ? fault : undefined,
      });
      const failing = openLog(store);
      const empty = await failing.read(undefined, signal);
      const published = await mustPublish(failing, empty, { a: "1" }).catch(
        (error: unknown) => error,
      );
      const log = openLog(createMemoryStore({ objects }));
      const state = await log.read(undefined, signal);
      const isThere =
        call === "put latest.json" || (call === "create log/" && fault.endsWith("after"));
      expect(await readTexts(log, state)).toEqual(isThere ? { a: "1" } : {});
      const isCertain = call === "put latest.json" && fault.startsWith("fail");
      expect(published instanceof Error).toBe(!isCertain);
      const next = await mustPublish(log, state, { b: "2" });
      expect(await readTexts(log, next)).toMatchObject({ b: "2" });
      expect(await log.read(undefined, signal)).toEqual(next);
    },
  );
});

describe("checkpoints", () => {
  test("every 50th commit is one", async () => {
    const { log } = openMemory();
    let state = await mustPublish(log, await log.read(undefined, signal), {
      big: "x".repeat(9999),
    });
    const found = [];
    for (let n = 2; n <= 102; n++) {
      state = await mustPublish(log, state, { a: `${n}` });
      if (state.checkpoint === n) found.push(n);
    }
    expect(found).toEqual([51, 101]);
    expect(await readTexts(log, state)).toEqual({ a: "102", big: "x".repeat(9999) });
  });

  test("one comes earlier where much was stored", async () => {
    const { log } = openMemory();
    let state = await mustPublish(log, await log.read(undefined, signal), {
      a: "x".repeat(99),
      b: "",
    });
    const found = [];
    for (let n = 2; n <= 8; n++) {
      state = await mustPublish(log, state, { a: "x".repeat(99) });
      if (state.checkpoint === n) found.push(n);
    }
    expect(found).toEqual([4, 7]);
  });

  test("the log goes on without one where a content is lost", async () => {
    const { store, log } = openMemory();
    let state = await mustPublish(log, await log.read(undefined, signal), { a: "1", lost: "2" });
    store.objects.delete(`${root}snapshots/${state.head!.id}.json.gz`);
    for (let n = 0; n < 60; n++) state = await mustPublish(log, state, { a: `${n}` });
    expect(state.checkpoint).toBe(1);
    expect(await log.read(undefined, signal)).toEqual(state);
    state = await mustPublish(log, state, { lost: "found" });
    expect(state.checkpoint).toBe(62);
    expect(await readTexts(log, state)).toEqual({ a: "59", lost: "found" });
  });
});

describe("limits", () => {
  test("a file above 5 MB is refused by name, before anything is sent", async () => {
    const { store, log } = openMemory();
    const state = await log.read(undefined, signal);
    const before = store.counts.requests;
    const pushing = mustPublish(log, state, { "skills/big": "x".repeat(5 * 1024 * 1024 + 1) });
    await expect(pushing).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining("skills/big"),
    });
    expect(store.counts.requests).toBe(before);
  });

  test("more than 10,000 files are refused", async () => {
    const { log } = openMemory();
    const files = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`f${n}`, "x"]));
    const state = await mustPublish(log, await log.read(undefined, signal), files);
    await expect(mustPublish(log, state, { more: "x" })).rejects.toBeInstanceOf(AppError);
    expect((await log.read(undefined, signal)).files.size).toBe(10_000);
  });
});

test("binary contents, the executable bit and odd names arrive as they were", async () => {
  const { log } = openMemory();
  const content = Uint8Array.from([0xff, 0xfe, 0x00, 0x0a]);
  const bom = Buffer.from("\ufeffline\r\n");
  const changes = new Map([
    ["skills/run.sh", { content, isExecutable: true }],
    ["__proto__", { content: bom, isExecutable: false }],
    ["empty", { content: new Uint8Array(), isExecutable: false }],
  ]);
  const parent = await log.read(undefined, signal);
  await log.publish({ parent, kind: "push", machine: "x", changes }, signal);
  const state = await log.read(undefined, signal);
  expect([...state.files].map(([path, { isExecutable }]) => [path, isExecutable])).toEqual([
    ["skills/run.sh", true],
    ["__proto__", false],
    ["empty", false],
  ]);
  const contents = await log.readContents(state.files.values(), signal);
  for (const [path, file] of changes) {
    expect(Buffer.from(contents.get(state.files.get(path)!.sha256)!)).toEqual(
      Buffer.from(file.content),
    );
  }
});

test("a store that overwrites by accident is noticed by the parent that is gone", async () => {
  const { store, log } = openMemory({ createMode: "degraded" });
  const base = await mustPublish(log, await log.read(undefined, signal), { a: "1" });
  const mine = await mustPublish(log, base, { a: "2" });
  store.objects.delete(entryOf(2));
  const theirs = await mustPublish(log, base, { b: "3" });
  await mustPublish(log, theirs, { c: "4" });
  expect((await log.read(mine, signal)).isRewritten).toBe(true);
});
