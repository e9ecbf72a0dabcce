import { lstat } from "node:fs/promises";
import { join } from "node:path";

import { readConfigFile } from "../../config/file.ts";
import { piAgentDir } from "../../platform/paths.ts";
import type { Env, Paths } from "../../platform/paths.ts";

/** The configuration of the older plugin pi-sync, which is read and never written. */
export function piSyncFile(env: Env): string {
  return join(piAgentDir(env), "pi-sync.local.json");
}

/**
 * Whether settings sync may be configured here at all, told quickly: where it is not, nothing else
 * of it need be loaded. Variables that other programs use, too, do not count: they do not say that
 * a person wants to sync. A file that can't be read does not count, either.
 */
export async function mayHaveSettings(
  env: Env,
  { configFile }: Pick<Paths, "configFile">,
): Promise<boolean> {
  if (Object.entries(env).some(([name, value]) => name.startsWith("PI_SYNC_") && value))
    return true;
  const [isInFile, isInPiSync] = await Promise.all([
    readConfigFile(configFile)
      .then((file) => Object.hasOwn(file, "settings"))
      .catch(() => false),
    lstat(piSyncFile(env)).then(
      () => true,
      () => false,
    ),
  ]);
  return isInFile || isInPiSync;
}
