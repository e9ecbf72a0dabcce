import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import type { Stats } from "node:fs";
import { chmod, mkdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { openScanCache } from "../../../lib/settings/scan-cache.ts";
import type { FileState } from "../../../lib/settings/file-state.ts";
import { scanAgentDir } from "../../../lib/settings/scan.ts";
import { manualClock } from "../../support/manual-clock.ts";
import { type TempDir, tempDir } from "../../support/temp.ts";

interface Place extends AsyncDisposable {
  readonly file: string;
  readonly cachePath: string;
  /** As long after the files were written, on the clock that the scan sees. */
  scan(afterMs: number, localKeys?: string[]): Promise<Map<string, FileState>>;
  /** Makes the cache say something that is not so, to show when it is asked. */
  lie(): Promise<void>;
}

const lie = "0".repeat(64);

async function place(content = "one"): Promise<Place> {
  const dir: TempDir = await tempDir();
  const agentDir = join(dir.path, "agent");
  const cachePath = join(dir.path, "state/scan.json");
  await mkdir(join(agentDir, "skills"), { recursive: true });
  const file = join(agentDir, "skills/a.md");
  await writeFile(file, content);
  return {
    file,
    cachePath,
    async scan(afterMs, localKeys = []) {
      const clock = { ...manualClock(), now: () => Date.now() + afterMs };
      const selection = { include: [], exclude: [] };
      return (await scanAgentDir({ agentDir, selection, localKeys, cachePath, clock })).files;
    },
    async lie() {
      const text = await readFile(cachePath, "utf8");
      await writeFile(cachePath, text.replaceAll(/[0-9a-f]{64}/g, lie));
    },
    [Symbol.asyncDispose]: dir[Symbol.asyncDispose],
  };
}

function hash(content: string): string {
  return createHash("sha256").update(content).digest("hex");
}

const path = "skills/a.md";

test("a file that has not changed is not read again", async () => {
  await using at = await place();
  await chmod(at.file, 0o755);
  const first = await at.scan(5000);
  expect(first.get(path)?.sha256).toBe(hash("one"));
  expect(await at.scan(5000)).toEqual(first);
  await at.lie();
  expect([...(await at.scan(5000))]).toEqual([
    [path, { sha256: lie, bytes: 3, isExecutable: true }],
  ]);
});

test("a file that changed is read again, whatever it is that changed", async () => {
  const changes: ((file: string) => Promise<void>)[] = [
    (file) => writeFile(file, "onetwo"),
    (file) => utimes(file, 1, 1),
    (file) => chmod(file, 0o755),
    async (file) => {
      // The same size and time as before: the inode and the time of the change remain.
      const { atime, mtime } = await stat(file);
      await writeFile(`${file}.new`, "two");
      await utimes(`${file}.new`, atime, mtime);
      await rename(`${file}.new`, file);
    },
  ];
  for (const change of changes) {
    await using at = await place();
    await utimes(at.file, 1000, 1000);
    await at.scan(5000);
    await at.lie();
    await change(at.file);
    const content = await readFile(at.file, "utf8");
    expect((await at.scan(5000)).get(path)?.sha256).toBe(hash(content));
  }
});

test("a file that changed shortly before it was read is read again", async () => {
  await using at = await place();
  await at.scan(1000);
  await expect(stat(at.cachePath)).rejects.toMatchObject({ code: "ENOENT" });
  await at.scan(2500);
  await at.lie();
  expect((await at.scan(0)).get(path)?.sha256).toBe(lie);
});

test("an old time of the content does not hide a fresh change", async () => {
  await using at = await place();
  await utimes(at.file, 1000, 1000);
  await at.scan(1000);
  await expect(stat(at.cachePath)).rejects.toMatchObject({ code: "ENOENT" });
});

test.each([
  "",
  "{",
  "null",
  "[]",
  '{"version":1}',
  '{"version":1,"files":[null]}',
  '{"version":2,"files":[]}',
])("a cache that holds %j is ignored and replaced", async (text) => {
  await using at = await place();
  await at.scan(5000);
  await writeFile(at.cachePath, text);
  expect((await at.scan(5000)).get(path)?.sha256).toBe(hash("one"));
  await at.lie();
  expect((await at.scan(5000)).get(path)?.sha256).toBe(lie);
});

test("a cache of another version is ignored", async () => {
  await using at = await place();
  await at.scan(5000);
  await at.lie();
  const text = await readFile(at.cachePath, "utf8");
  await writeFile(at.cachePath, text.replace('"version":1', '"version":2'));
  expect((await at.scan(5000)).get(path)?.sha256).toBe(hash("one"));
});

test("each of a file's properties counts", async () => {
  await using at = await place();
  const stats = await stat(at.file);
  const cache = await openScanCache(at.cachePath);
  cache.keep(path, stats, lie, Date.now() + 5000);
  await cache.save();
  const again = await openScanCache(at.cachePath);
  expect(again.find(path, stats)).toEqual({ sha256: lie, bytes: 3, isExecutable: false });
  const { size, mtimeMs, ctimeMs, ino, mode } = stats;
  const same = { size, mtimeMs, ctimeMs, ino, mode };
  expect(again.find(path, same as Stats)).toBeDefined();
  for (const [name, value] of Object.entries(same)) {
    expect(again.find(path, { ...same, [name]: value + 1 } as Stats)).toBeUndefined();
  }
});

test("an entry with a wrong hash spoils the cache, not the scan", async () => {
  await using at = await place();
  await at.scan(5000);
  const text = await readFile(at.cachePath, "utf8");
  await writeFile(at.cachePath, text.replace(/[0-9a-f]{64}/, "zero"));
  expect((await at.scan(5000)).get(path)?.sha256).toBe(hash("one"));
});

test("it is written when something changed, and only then", async () => {
  await using at = await place();
  const written = async (): Promise<number> => (await stat(at.cachePath)).ino;
  await at.scan(5000);
  const first = await written();
  await at.scan(5000);
  expect(await written()).toBe(first);
  await rm(at.file);
  await at.scan(5000);
  expect(await readFile(at.cachePath, "utf8")).not.toContain("a.md");
});

test("its owner alone can read it", async () => {
  await using at = await place();
  await at.scan(5000);
  expect((await stat(at.cachePath)).mode & 0o777).toBe(0o600);
});

test("one that can't be written does no harm", async () => {
  await using at = await place();
  await mkdir(at.cachePath, { recursive: true });
  expect((await at.scan(5000)).get(path)?.sha256).toBe(hash("one"));
});

test("settings.json counts with the keys that stay here now", async () => {
  await using at = await place();
  await writeFile(join(at.file, "../../settings.json"), '{"theme":"dark","mine":1}');
  const [all, some] = [await at.scan(5000), await at.scan(5000, ["mine"])];
  expect(all.get("settings.json")).not.toEqual(some.get("settings.json"));
  expect((await at.scan(5000, ["mine", "theme"])).has("settings.json")).toBe(false);
});
