import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";

import { findExposedKey } from "../../config/file.ts";
import type { ConfigFile } from "../../config/file.ts";
import { hostPlatform, piAgentDir } from "../../platform/paths.ts";
import { isProcessAlive } from "../../platform/process.ts";
import { backupNamePattern, backupsDir } from "../../settings/apply/backup.ts";
import { readJournal } from "../../settings/apply/journal.ts";
import { settingsLock } from "../../settings/context.ts";
import type { SettingsTools } from "../../settings/context.ts";
import { readLock } from "../../settings/lock.ts";
import type { ExposedFile } from "./files.ts";
import { toProblem } from "./problem.ts";
import type { Problem } from "./problem.ts";
import { statOf } from "./stat.ts";

type Place = Pick<SettingsTools, "env" | "paths" | "clock" | "hostname">;

/** Who holds the lock of settings sync. */
export interface SettingsLockFacts {
  path: string;
  processId: number;
  host: string;
  /** What is done, such as `push`. */
  what: string;
  /** ISO 8601. */
  startedAt: string;
  /** `left`: by a process of this machine that has ended. */
  state: "held" | "left" | "elsewhere" | "unreadable";
}

/** Changes of pi's settings that were begun and are not finished. */
export type ApplyFacts = { files: number } | { problem: Problem };

/** The contents that syncing replaced. */
export interface BackupFacts {
  path: string;
  count: number;
  bytes: number;
}

/** Looks at the lock; undefined where there is none. */
export async function lookAtLock(tools: Place): Promise<SettingsLockFacts | undefined> {
  const { path } = lockOf(tools);
  const holder = await readLock(path);
  if (holder === undefined) return undefined;
  const { id, processId, host, what, startedAt } = holder;
  const held = { path, processId, host, what, startedAt };
  if (id === "") return { ...held, state: "unreadable" };
  if (host !== tools.hostname) return { ...held, state: "elsewhere" };
  return { ...held, state: isProcessAlive(processId) ? "held" : "left" };
}

/** Looks for the journal of changes that are not finished; undefined where there is none. */
export async function lookAtApply(tools: Place): Promise<ApplyFacts | undefined> {
  try {
    const journal = await readJournal(machineDir(tools));
    return journal && { files: journal.steps.length };
  } catch (error) {
    return { problem: toProblem(error) };
  }
}

/** Counts the backups. */
export async function lookAtBackups(tools: Place): Promise<BackupFacts> {
  const path = backupsDir(machineDir(tools));
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  const backups = entries.filter((one) => one.isDirectory() && backupNamePattern.test(one.name));
  let bytes = 0;
  for (const { name } of backups) bytes += await measure(join(path, name));
  return { path, count: backups.length, bytes };
}

async function measure(dir: string): Promise<number> {
  const names = await readdir(dir, { recursive: true }).catch(() => []);
  const stats = await Promise.all(names.map((name) => statOf(join(dir, name))));
  return stats.reduce((sum, found) => sum + (found?.isFile() ? found.size : 0), 0);
}

/** Of files that hold our configuration, those with a key that others on this machine can read. */
export async function listExposed(
  files: readonly { path: string; content: ConfigFile }[],
): Promise<{ file: ExposedFile; problem: Problem }[]> {
  const exposed = await Promise.all(
    files.map(async ({ path, content }) => {
      const problem = await findExposedKey(path, content, hostPlatform);
      const stats = problem && (await statOf(path));
      if (!problem || !stats) return [];
      const mode = (stats.mode & 0o777).toString(8);
      return [{ file: { path, holds: "key" as const, mode }, problem }];
    }),
  );
  return exposed.flat();
}

function lockOf({ env, paths, clock, hostname }: Place): ReturnType<typeof settingsLock> {
  return settingsLock(paths, piAgentDir(env), hostname, clock);
}

/** The lock, the journal and the backups stand in one folder. */
function machineDir(tools: Place): string {
  return dirname(lockOf(tools).path);
}
