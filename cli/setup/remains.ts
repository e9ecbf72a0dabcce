import { readdir, rm, rmdir } from "node:fs/promises";
import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";

import { AppError } from "../../lib/errors.ts";
import { findRegistrations, ourPackage, settingsBackupPath } from "../../lib/pi/registration.ts";
import type { Registration } from "../../lib/pi/registration.ts";
import type { Env, Paths } from "../../lib/platform/paths.ts";
import { backupNamePattern, backupsDir } from "../../lib/settings/apply/backup.ts";
import { isFolderEndpoint } from "../../lib/settings/config/endpoint.ts";
import { loadSettingsConfig } from "../../lib/settings/config/load.ts";
import { isSettingsConfigured } from "../../lib/settings/config/storage.ts";

/** What there is of us on this machine. */
export interface Remains {
  /** As pi loads us. */
  registrations: Registration[];
  /** Our own files and folders that are there: configuration, state, and the copy of pi's settings. */
  own: string[];
  /** Sessions that wait in our state and stand nowhere else. */
  waiting: number;
  /** Folders in our state, with what settings sync replaced or deleted of pi's files. */
  backups: string[];
  /** Where pi's settings are kept for all machines, as people call it. */
  storage?: string;
  /** The folder of the server on this machine, where there is one. */
  serverDir?: string;
}

/**
 * Looks for what there is of us.
 *
 * @throws AppError "config" where pi's settings are no JSON object
 */
export async function findRemains(
  env: Env,
  { configFile, stateDir, dataDir }: Paths,
): Promise<Remains> {
  const registrations = await findRegistrations(env);
  const spooled = await readdir(join(stateDir, "spool")).catch(() => []);
  const storage = await findStorage(env, configFile);
  return {
    registrations: registrations.filter(({ name }) => name === ourPackage),
    own: [configFile, stateDir, settingsBackupPath(env)].filter((path) => existsSync(path)),
    waiting: spooled.filter((name) => name.endsWith(".jsonl")).length,
    backups: await findBackups(join(stateDir, "settings")),
    ...(storage !== undefined && { storage }),
    ...(existsSync(dataDir) && { serverDir: dataDir }),
  };
}

/** Deletes our own files and folders. */
export async function purge({ own }: Remains, { configFile }: Paths): Promise<void> {
  for (const path of own) await rm(path, { recursive: true, force: true });
  // Only where nothing else stands in it.
  await rmdir(dirname(configFile)).catch(() => {});
}

/** For each of pi's agent directories there is a folder, with one for backups in it. */
async function findBackups(settingsDir: string): Promise<string[]> {
  const names = await readdir(settingsDir).catch(() => []);
  const found: string[] = [];
  for (const dir of names.map((name) => backupsDir(join(settingsDir, name)))) {
    const backups = await readdir(dir).catch(() => []);
    found.push(
      ...backups.filter((name) => backupNamePattern.test(name)).map((name) => join(dir, name)),
    );
  }
  return found.sort();
}

/** The storage that is configured; undefined where there is none, or none that can be used. */
async function findStorage(env: Env, configFile: string): Promise<string | undefined> {
  try {
    const { config } = await loadSettingsConfig(env, { configFile }, hostname());
    if (!isSettingsConfigured(config)) return undefined;
    const { bucket, endpoint = "", prefix, profile } = config;
    const place = isFolderEndpoint(endpoint) ? endpoint : `bucket ${bucket} at ${endpoint}`;
    return `${place}, ${prefix}/profiles/${profile}`;
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}
