import { readdir, rm, rmdir } from "node:fs/promises";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

import { findRegistrations, ourPackage, settingsBackupPath } from "../../lib/pi/registration.ts";
import type { Registration } from "../../lib/pi/registration.ts";
import type { Env, Paths } from "../../lib/platform/paths.ts";

/** What there is of us on this machine. */
export interface Remains {
  /** As pi loads us. */
  registrations: Registration[];
  /** Our own files and folders that are there: configuration, state, and the copy of pi's settings. */
  own: string[];
  /** Sessions that wait in our state and stand nowhere else. */
  waiting: number;
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
  return {
    registrations: registrations.filter(({ name }) => name === ourPackage),
    own: [configFile, stateDir, settingsBackupPath(env)].filter((path) => existsSync(path)),
    waiting: spooled.filter((name) => name.endsWith(".jsonl")).length,
    ...(existsSync(dataDir) && { serverDir: dataDir }),
  };
}

/** Deletes our own files and folders. */
export async function purge({ own }: Remains, { configFile }: Paths): Promise<void> {
  for (const path of own) await rm(path, { recursive: true, force: true });
  // Only where nothing else stands in it.
  await rmdir(dirname(configFile)).catch(() => {});
}
