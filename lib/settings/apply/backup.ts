import { randomBytes } from "node:crypto";
import { readFile, readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { Clock } from "../../platform/clock.ts";
import { isNotFound } from "../../platform/files.ts";
import type { Disk } from "./disk.ts";
import { listFolders } from "./target.ts";

/** The names of the folders that we make for backups: when in UTC, and something to tell them apart. */
export const backupNamePattern = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-[0-9a-f]{8}$/;

/** The newest of them are kept at any age. */
const keptMin = 10;
const keptMax = 200;
const keptForMs = 30 * 24 * 60 * 60 * 1000;

/** The folder of all backups. */
export function backupsDir(stateDir: string): string {
  return join(stateDir, "backups");
}

/** A name for a backup that is made now. */
export function nameBackup(clock: Clock): string {
  const time = new Date(clock.now()).toISOString().slice(0, 19).replaceAll(":", "-");
  return `${time}Z-${randomBytes(4).toString("hex")}`;
}

/** Copies files of `fromDir` into a folder, by their paths. One that is gone is left out. */
export async function backUp(
  disk: Disk,
  fromDir: string,
  toDir: string,
  paths: readonly string[],
): Promise<void> {
  const dirs = new Set([dirname(toDir), toDir]);
  for (const path of paths) {
    const content = await readIfThere(join(fromDir, path));
    if (content === undefined) continue;
    const { mode } = await stat(join(fromDir, path));
    await disk.makePrivateDir(dirname(join(toDir, path)));
    await disk.create(join(toDir, path), content, 0o600 | (mode & 0o100));
    for (const folder of listFolders(path)) dirs.add(join(toDir, folder));
  }
  for (const dir of dirs) await disk.flushDir(dir);
}

/** Removes backups that are old and many. Folders that we did not make stay. */
export async function pruneBackups(disk: Disk, stateDir: string, clock: Clock): Promise<void> {
  const dir = backupsDir(stateDir);
  const newestFirst = (await listBackups(dir)).sort().reverse();
  for (const [index, name] of newestFirst.entries()) {
    const isYoung = clock.now() - timeOf(name) < keptForMs;
    if (index < keptMin || (isYoung && index < keptMax)) continue;
    await disk.removeTree(join(dir, name));
  }
}

async function listBackups(dir: string): Promise<string[]> {
  try {
    const entries = await readdir(dir, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && backupNamePattern.test(entry.name))
      .map(({ name }) => name);
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

function timeOf(name: string): number {
  return Date.parse(`${name.slice(0, 13)}:${name.slice(14, 16)}:${name.slice(17, 20)}`);
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
