import { describe, expect, test } from "bun:test";
import { mkdir, readdir, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { fromFileName, toFileName } from "../../../lib/object-store/directory-name.ts";
import { createDirectoryStore } from "../../../lib/object-store/directory-store.ts";
import { systemClock } from "../../../lib/platform/clock.ts";
import { tempDir } from "../../support/temp.ts";
import { describeStoreConformance, type OpenedStore } from "./conformance.ts";

const body = Buffer.from("body");

async function openStore(link?: Parameters<typeof createDirectoryStore>[2]): Promise<OpenedStore> {
  const dir = await tempDir();
  const path = join(dir.path, "store");
  return {
    store: createDirectoryStore(path, systemClock, link),
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

describeStoreConformance("a folder", () => openStore(), { manyKeys: true });
describeStoreConformance("a folder without links", () =>
  openStore(async () => {
    throw Object.assign(new Error("EPERM: operation not permitted, link"), { code: "EPERM" });
  }),
);

describe("the folder", () => {
  test("is made by the first write, and nothing is in its place before", async () => {
    await using dir = await tempDir();
    const path = join(dir.path, "store");
    const store = createDirectoryStore(path, systemClock);
    expect(await store.list("")).toEqual([]);
    expect(await store.get("a", { bytesMax: 10 })).toBeUndefined();
    await store.delete("a");
    expect(await readdir(dir.path)).toEqual([]);
    await store.put("a/b", body);
    expect(await readdir(path)).toEqual(["a"]);
    expect((await stat(path)).mode & 0o777).toBe(0o700);
    expect((await stat(join(path, "a", "b"))).mode & 0o777).toBe(0o600);
  });

  test("on a drive that is not mounted is an error, not an empty store", async () => {
    await using dir = await tempDir();
    const store = createDirectoryStore(join(dir.path, "drive", "store"), systemClock);
    const calls = [
      store.list(""),
      store.get("a", { bytesMax: 10 }),
      store.put("a", body),
      store.create("a", body),
      store.delete("a"),
    ];
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome).toMatchObject({
        status: "rejected",
        reason: { code: "io", hint: expect.stringContaining("mounted") },
      });
    }
    expect(await readdir(dir.path)).toEqual([]);
  });

  test("holds nothing but the objects after writes that failed", async () => {
    await using dir = await tempDir();
    const store = createDirectoryStore(dir.path, systemClock);
    await store.put("a", body);
    await mkdir(join(dir.path, "taken"));
    await expect(store.put("taken", body)).rejects.toMatchObject({ code: "io" });
    await expect(store.put("a/b", body)).rejects.toMatchObject({ code: "io" });
    await store.create("a", Buffer.from("other"));
    expect((await readdir(dir.path)).sort()).toEqual(["a", "taken"]);
  });

  test("shows no file that is being written, and loses it after a day", async () => {
    await using dir = await tempDir();
    const store = createDirectoryStore(dir.path, systemClock);
    const young = join(dir.path, ".tmp-0123456789abcdef");
    const old = join(dir.path, "log", ".tmp-fedcba9876543210");
    await store.put("log/1", body);
    await writeFile(young, "half");
    await writeFile(old, "half");
    const yesterday = new Date(Date.now() - 25 * 60 * 60 * 1000);
    await utimes(old, yesterday, yesterday);
    expect(await store.list("")).toEqual(["log/1"]);
    expect(await readdir(join(dir.path, "log"))).toEqual(["1"]);
    expect((await readdir(dir.path)).sort()).toEqual([".tmp-0123456789abcdef", "log"]);
  });

  test("shows none of what others put there but plain files", async () => {
    await using dir = await tempDir();
    await using outside = await tempDir();
    const store = createDirectoryStore(dir.path, systemClock);
    await writeFile(join(outside.path, "secret"), "secret");
    await symlink(join(outside.path, "secret"), join(dir.path, "link"));
    await symlink(outside.path, join(dir.path, "linked folder"));
    await writeFile(join(dir.path, ".DS_Store"), "x");
    await writeFile(join(dir.path, "%zz"), "x");
    expect(Bun.spawnSync(["mkfifo", join(dir.path, "pipe")]).exitCode).toBe(0);
    expect(await store.list("")).toEqual([]);
    await expect(store.get("link", { bytesMax: 100 })).rejects.toMatchObject({ code: "io" });
    await expect(store.get("pipe", { bytesMax: 100 })).rejects.toMatchObject({ code: "refused" });
    await rm(join(dir.path, "link"));
  });

  test("without links, a lock that a crash left behind is taken over", async () => {
    await using dir = await tempDir();
    const store = createDirectoryStore(dir.path, systemClock, async () => {
      throw Object.assign(new Error("ENOTSUP"), { code: "ENOTSUP" });
    });
    const lock = join(dir.path, ".create.lock");
    await mkdir(lock);
    const before = new Date(Date.now() - 60_000);
    await utimes(lock, before, before);
    expect(await store.create("a", body)).toEqual({ isCreated: true });
    expect(await readdir(dir.path)).toEqual(["a"]);
  });
});

describe("names", () => {
  test("every name of a key has a file name of its own, and comes back", () => {
    const characters = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 8 }),
      fc.string({
        unit: fc.constantFrom(...Array.from("%.0A \\:é\u0301\u212b~conNUL")),
        maxLength: 8,
      }),
    );
    fc.assert(
      fc.property(characters, (name) => {
        fc.pre(!/[\0/]/.test(name) && name.isWellFormed());
        const fileName = toFileName(name);
        expect(fromFileName(fileName)).toBe(name);
        // As Apple's file systems may give it back.
        expect(fromFileName(fileName.normalize("NFD"))).toBe(name);
        expect(fileName).not.toMatch(/^$|^\.|[. ]$|[\0-\x1f\\/:*?"<>|]|^(con|nul)(\.|$)/i);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ["0000000042.json", "0000000042.json"],
    ["100%", "100%25"],
    ["", "%00"],
    ["..", "%2E%2E"],
    ["con.txt", "%63on.txt"],
    ["a:b", "a%3Ab"],
  ])("%j is the file %j", (name, fileName) => {
    expect(toFileName(name)).toBe(fileName);
  });

  test.each(["%zz", "%41", "%2e", ".hidden", "a.", "%", "%C3%A9"])(
    "no key is the file %j",
    (name) => {
      expect(fromFileName(name)).toBeUndefined();
    },
  );
});
