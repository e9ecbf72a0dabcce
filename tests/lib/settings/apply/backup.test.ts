import { expect, test } from "bun:test";
import { mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { backupsDir, nameBackup, pruneBackups } from "../../../../lib/settings/apply/backup.ts";
import { openDisk } from "../../../../lib/settings/apply/disk.ts";
import type { Clock } from "../../../../lib/platform/clock.ts";
import { tempDir } from "../../../support/temp.ts";
import { fastClock } from "./support.ts";

const dayMs = 86_400_000;

/** A clock that stands so many days before now. */
function daysAgo(days: number): Clock {
  const time = Date.now() - days * dayMs;
  return { ...fastClock(), now: () => time };
}

async function prune(ages: readonly number[], others: readonly string[] = []): Promise<string[]> {
  await using state = await tempDir();
  const dir = backupsDir(state.path);
  const names = [...ages.map((age) => nameBackup(daysAgo(age))), ...others];
  for (const name of names) await mkdir(join(dir, name, "skills"), { recursive: true });
  await writeFile(join(dir, nameBackup(daysAgo(99))), "a file");
  await symlink(state.path, join(dir, nameBackup(daysAgo(98))));
  await pruneBackups(openDisk(), state.path, fastClock());
  const left = await readdir(dir, { withFileTypes: true });
  expect(left.filter((entry) => !entry.isDirectory())).toHaveLength(2);
  return left.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Numbers from `first` on. */
function count(first: number, length: number): number[] {
  return Array.from({ length }, (_, index) => first + index);
}

test("the newest ten backups are kept at any age", async () => {
  const left = await prune(count(100, 15));
  expect(left).toHaveLength(10);
  expect(left.sort()[0]?.slice(0, 10)).toBe(
    new Date(Date.now() - 109 * dayMs).toISOString().slice(0, 10),
  );
});

test("all of the last 30 days are kept, and older ones beyond ten are not", async () => {
  expect(await prune([...count(0, 29), ...count(31, 5)])).toHaveLength(29);
});

test("no more than 200 are kept", async () => {
  expect(await prune(count(0, 230).map((index) => index / 100))).toHaveLength(200);
});

test("folders that we did not make stay", async () => {
  const others = ["mine", "2020-01-01", "2020-01-01T00-00-00Z-xyz"];
  expect(await prune(count(100, 12), others)).toEqual(expect.arrayContaining(others));
});
