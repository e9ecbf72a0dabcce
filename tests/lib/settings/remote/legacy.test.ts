/** What pi-sync 0.1 stored, as its source writes it. */

import { describe, expect, test } from "bun:test";
import { gzipSync } from "node:zlib";

import { hashContent } from "../../../../lib/settings/hash.ts";
import { openRemoteLog } from "../../../../lib/settings/remote/remote-log.ts";
import { generateIdentity, openSeal } from "../../../../lib/settings/remote/seal.ts";
import type { Seal } from "../../../../lib/settings/remote/seal.ts";
import { createMemoryStore } from "../../../support/memory-store.ts";
import type { MemoryStore } from "../../../support/memory-store.ts";
import { countOf, mustPublish, openLog, readTexts, root, signal, tamper } from "./machine.ts";

const id = "2026-05-01T10-11-12-345Z-0a1b2c3d";
const snapshotKey = `${root}snapshots/${id}.json.gz`;
const latestKey = `${root}latest.json`;
const texts = { "AGENTS.md": "be kind", "settings.json": '{"theme":"dark"}', ["__proto__"]: "x" };

function legacyStore(
  files = Object.entries(texts).map(([path, text]) => fileOf(path, text)),
): MemoryStore {
  const about = { createdAt: "2026-05-01T10:11:12.345Z", machine: "desk" };
  const bytes = gzipSync(JSON.stringify({ version: 1, id, ...about, profile: "work", files }));
  const pointer = {
    version: 1,
    profile: "work",
    snapshot: id,
    sha256: hashContent(bytes),
    ...about,
  };
  const store = createMemoryStore();
  store.objects.set(snapshotKey, bytes);
  store.objects.set(latestKey, Buffer.from(JSON.stringify(pointer, null, "\t")));
  return store;
}

function fileOf(path: string, text: string): Record<string, unknown> {
  const content = Buffer.from(text);
  return { path, contentBase64: content.toString("base64"), sha256: hashContent(content) };
}

test("its files are read where there is no log, in four requests", async () => {
  const store = legacyStore();
  const log = openLog(store);
  const counts = await countOf(store, async () => {
    const state = await log.read(undefined, signal);
    expect(state).toMatchObject({ head: undefined, checkpoint: 0 });
    expect(state.files.get("AGENTS.md")).toMatchObject({
      bytes: 7,
      isExecutable: false,
      snapshot: id,
    });
  });
  expect(counts.requests).toBe(4);
  expect(await readTexts(log, await log.read(undefined, signal))).toEqual(texts);
});

const seals: [string, Seal | undefined][] = [
  ["plain", undefined],
  ["sealed", await openSeal(await generateIdentity())],
];
test.each(seals)(
  "the first commit takes them over and leaves what is there as it is: %s",
  async (_, seal) => {
    const store = legacyStore();
    const before = new Map(store.objects);
    const log = openLog(store, seal);
    const legacy = await log.read(undefined, signal);
    await mustPublish(log, legacy, { "AGENTS.md": "be very kind" });
    for (const [key, bytes] of before) expect(store.objects.get(key)).toEqual(bytes);
    store.objects.delete(snapshotKey);
    const state = await log.read(undefined, signal);
    expect(await readTexts(log, state)).toEqual({ ...texts, "AGENTS.md": "be very kind" });
    await mustPublish(log, state, { a: "1" });
    expect(store.objects.get(latestKey)).toEqual(before.get(latestKey));
  },
);

test("a base that came from it can still be read when there is a log", async () => {
  const store = legacyStore();
  const log = openLog(store);
  const legacy = await log.read(undefined, signal);
  await mustPublish(log, legacy, { "AGENTS.md": "be very kind" });
  expect(await readTexts(log, legacy)).toEqual(texts);
});

test("only the shared part of a file counts", async () => {
  const log = openRemoteLog({
    store: legacyStore(),
    prefix: "pi",
    name: "work",
    seal: undefined,
    clock: { now: Date.now },
    toShared: (path, content) => {
      if (path === "__proto__") return undefined;
      return path === "settings.json" ? Buffer.from("{}") : content;
    },
  });
  const state = await log.read(undefined, signal);
  expect(state.files.get("settings.json")).toMatchObject({
    bytes: 2,
    sha256: hashContent(Buffer.from("{}")),
  });
  expect(await readTexts(log, state)).toEqual({ "AGENTS.md": "be kind", "settings.json": "{}" });
});

describe("what is damaged or made up is refused", () => {
  const pointers: [string, object][] = [
    ["an id that climbs", { snapshot: "../../../etc/passwd" }],
    ["an id with a slash", { snapshot: "a/b" }],
    ["an id with a backslash", { snapshot: "..\\x" }],
    ["no id", { snapshot: undefined }],
    ["an endless id", { snapshot: "a".repeat(201) }],
    ["no hash", { sha256: undefined }],
  ];
  test.each(pointers)("%s, and no snapshot is asked for", async (_, change) => {
    const store = legacyStore();
    tamper(store, latestKey, (pointer) => ({ ...pointer, ...change }));
    const counts = await countOf(store, async () => {
      const reading = openLog(store).read(undefined, signal);
      await expect(reading).rejects.toMatchObject({
        code: "refused",
        message: expect.stringContaining("points to no snapshot"),
      });
    });
    expect(counts.requests).toBe(3);
  });

  test.each([
    ["another hash", { sha256: "a".repeat(64) }],
    ["a snapshot that is not there", { snapshot: "other" }],
  ])("%s", async (_, change) => {
    const store = legacyStore();
    tamper(store, latestKey, (pointer) => ({ ...pointer, ...change }));
    const reading = openLog(store).read(undefined, signal);
    await expect(reading).rejects.toMatchObject({ code: "refused" });
  });

  const file = fileOf("a", "1");
  const lists: [string, Record<string, unknown>[]][] = [
    ["a content that was changed", [{ ...file, contentBase64: "eHg=" }]],
    ["a file twice", [file, file]],
    ["a name with NUL", [{ ...file, path: "a\0" }]],
    ["no content", [{ ...file, contentBase64: null }]],
    ["too many files", Array.from({ length: 10_001 }, (_, n) => ({ ...file, path: `${n}` }))],
  ];
  test.each(lists)("%s", async (_, files) => {
    const reading = openLog(legacyStore(files)).read(undefined, signal);
    await expect(reading).rejects.toMatchObject({ code: "refused" });
  });
});

test("a latest.json of somebody else is left alone", async () => {
  const store = createMemoryStore();
  store.objects.set(latestKey, Buffer.from("not ours"));
  const log = openLog(store);
  const state = await mustPublish(log, await log.read(undefined, signal), { a: "1" });
  expect(Buffer.from(store.objects.get(latestKey)!).toString()).toBe("not ours");
  expect(await log.read(undefined, signal)).toEqual(state);
});

test("a latest.json that pi-sync wrote since is left alone", async () => {
  const store = createMemoryStore();
  const log = openLog(store);
  const state = await mustPublish(log, await log.read(undefined, signal), { a: "1" });
  const theirs = Buffer.from('{"version": 1, "snapshot": "theirs"}');
  store.objects.set(latestKey, theirs);
  await mustPublish(log, await log.read(state, signal), { a: "2" });
  expect(store.objects.get(latestKey)).toEqual(theirs);
});
