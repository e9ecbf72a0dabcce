import { access, constants, readdir } from "node:fs/promises";
import { join } from "node:path";

import { findExposedKey, readConfigFile } from "../../config/file.ts";
import type { Paths } from "../../platform/paths.ts";
import { isThere, statOf } from "./stat.ts";

/** Who can read our files, and whether we can write them. */
export interface FileFacts {
  /** Files that others on this machine can read. */
  exposed: ExposedFile[];
  /** Folders of ours that we can't write to. */
  locked: string[];
}

/** A file that its owner alone should be able to read. */
export interface ExposedFile {
  path: string;
  holds: "key" | "sessions";
  /** In octal, such as "644". */
  mode: string;
}

/** Looks at the permissions of all files of ours that hold a key or texts of sessions. */
export async function lookAtFiles(paths: Paths, platform: string): Promise<FileFacts> {
  const exposed: ExposedFile[] = [];
  for (const { path, holds } of platform === "win32" ? [] : await listFiles(paths, platform)) {
    const stats = await statOf(path);
    if (!stats || (stats.mode & 0o077) === 0) continue;
    exposed.push({ path, holds, mode: (stats.mode & 0o777).toString(8) });
  }
  const locked: string[] = [];
  for (const dir of [paths.stateDir, paths.dataDir]) {
    if ((await isThere(dir)) && !(await isWritable(dir))) locked.push(dir);
  }
  return { exposed, locked };
}

async function listFiles(
  paths: Paths,
  platform: string,
): Promise<Pick<ExposedFile, "path" | "holds">[]> {
  const { configFile, stateDir, dataDir } = paths;
  const names = ["opensync.db", "opensync.db-wal", "opensync.db-shm"];
  const holdsSessions = [
    ...names.map((name) => join(dataDir, name)),
    ...["debug.log", "debug.log.1"].map((name) => join(stateDir, name)),
    ...(await listFolder(join(stateDir, "spool"))),
  ];
  // A configuration that names a variable or a command for the key may be read by anybody.
  const file = await readConfigFile(configFile).catch(() => ({}));
  const isKeyExposed = await findExposedKey(configFile, file, platform).catch(() => undefined);
  return [
    ...(isKeyExposed ? [{ path: configFile, holds: "key" as const }] : []),
    { path: join(dataDir, "api-key"), holds: "key" },
    { path: join(stateDir, "redaction-salt"), holds: "key" },
    ...holdsSessions.map((path) => ({ path, holds: "sessions" as const })),
  ];
}

async function listFolder(dir: string): Promise<string[]> {
  const names = await readdir(dir).catch(() => []);
  return names.map((name) => join(dir, name));
}

async function isWritable(dir: string): Promise<boolean> {
  return access(dir, constants.W_OK).then(
    () => true,
    () => false,
  );
}
