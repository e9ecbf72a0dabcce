import { describe, expect, test } from "bun:test";
import { gunzipSync, gzipSync } from "node:zlib";

import type { RemoteLog } from "../../../../lib/settings/remote/remote-log.ts";
import type { RemoteState } from "../../../../lib/settings/remote/state.ts";
import type { MemoryStore } from "../../../support/memory-store.ts";
import { countOf, mustPublish, openMemory, readTexts, root, signal, tamper } from "./machine.ts";

async function oneCommit(): Promise<{
  store: MemoryStore;
  log: RemoteLog;
  state: RemoteState;
  key: string;
}> {
  const { store, log } = openMemory();
  const state = await mustPublish(log, await log.read(undefined, signal), { a: "1", b: "2" });
  return { store, log, state, key: `${root}snapshots/${state.head!.id}.json.gz` };
}

test("each snapshot is fetched once, whatever is wanted of it", async () => {
  const { store, log, state } = await oneCommit();
  const next = await mustPublish(log, state, { c: "3", d: "1" });
  const wanted = [...next.files.values(), ...next.files.values()];
  const counts = await countOf(store, async () => {
    expect((await log.readContents(wanted, signal)).size).toBe(3);
  });
  expect(counts.requests).toBe(2);
});

test("a content that two snapshots hold is fetched from one", async () => {
  const { store, log, state } = await oneCommit();
  const next = await mustPublish(log, state, { d: "1" });
  const files = [next.files.get("a")!, next.files.get("d")!];
  expect((await countOf(store, () => log.readContents(files, signal))).requests).toBe(1);
});

test("nothing is asked for where nothing is wanted", async () => {
  const { store, log } = await oneCommit();
  expect((await countOf(store, () => log.readContents([], signal))).requests).toBe(0);
});

describe("contents that are not what the log says are refused", () => {
  // oxlint-disable-next-line typescript/no-explicit-any -- what is there is JSON of any shape
  const changes: [string, (snapshot: any) => unknown][] = [
    [
      "another content",
      (s) => ({ ...s, files: s.files.map((f: object) => ({ ...f, text: "9" })) }),
    ],
    [
      "a hash that was changed too",
      (s) => ({ ...s, files: [{ sha256: "a".repeat(64), text: "1" }] }),
    ],
    ["a content that is missing", (s) => ({ ...s, files: s.files.slice(1) })],
    [
      "no text",
      (s) => ({ ...s, files: s.files.map(({ sha256 }: { sha256: string }) => ({ sha256 })) }),
    ],
    [
      "a text that is none",
      (s) => ({ ...s, files: s.files.map((f: object) => ({ ...f, text: 5 })) }),
    ],
    ["files as an object", (s) => ({ ...s, files: { ...s.files } })],
    [
      "too many files",
      (s) => ({ ...s, files: Array.from({ length: 10_001 }, (_, n) => s.files[n % 2]) }),
    ],
    ["another commit's snapshot", (s) => ({ ...s, id: "20200101T000000Z-00000000" })],
    ["no object", () => "x"],
    ["no version", ({ version: _, ...s }) => s],
  ];
  test.each(changes)("%s", async (_, change) => {
    const { store, log, state, key } = await oneCommit();
    tamper(store, key, change);
    await expect(readTexts(log, state)).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining(key),
    });
  });

  test("a size that the log has wrong", async () => {
    const { log, state } = await oneCommit();
    const file = { ...state.files.get("a")!, bytes: 2 };
    await expect(log.readContents([file], signal)).rejects.toMatchObject({ code: "refused" });
  });

  test("a gzip bomb", async () => {
    const { store, log, state, key } = await oneCommit();
    const json = gunzipSync(store.objects.get(key)!);
    const padding = Buffer.alloc(300 * 1024 * 1024, " ");
    store.objects.set(key, gzipSync(Buffer.concat([json, padding]), { level: 1 }));
    await expect(readTexts(log, state)).rejects.toMatchObject({ code: "refused" });
  });

  test("what is not compressed, or cut off", async () => {
    const { store, log, state, key } = await oneCommit();
    const whole = store.objects.get(key)!;
    for (const bytes of [Buffer.from("{}"), whole.subarray(0, 40), new Uint8Array()]) {
      store.objects.set(key, bytes);
      await expect(readTexts(log, state)).rejects.toMatchObject({ code: "refused" });
    }
  });

  test("a snapshot that is not there says so", async () => {
    const { store, log, state, key } = await oneCommit();
    store.objects.delete(key);
    await expect(readTexts(log, state)).rejects.toMatchObject({
      message: expect.stringContaining("is missing"),
    });
  });
});

test("a snapshot by a newer version asks for an update", async () => {
  const { store, log, state, key } = await oneCommit();
  tamper(store, key, (snapshot) => ({ ...snapshot, version: 3 }));
  await expect(readTexts(log, state)).rejects.toMatchObject({
    hint: expect.stringContaining("Update"),
  });
});
