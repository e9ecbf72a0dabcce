import { lstat } from "node:fs/promises";

import { findExposedKey, readConfigFile, updateConfigFile } from "../../config/file.ts";
import type { ConfigFile } from "../../config/file.ts";
import type { ConfigProblem } from "../../config/resolve.ts";
import { AppError } from "../../errors.ts";
import { isNotFound } from "../../platform/files.ts";
import { hostPlatform } from "../../platform/paths.ts";
import type { Env, Paths } from "../../platform/paths.ts";
import { asRecord } from "../../session/value.ts";
import type { SettingsOrigin } from "./layers.ts";
import { piSyncFile } from "./may-have.ts";
import { resolveSettings } from "./resolve.ts";
import type { SettingsConfig, SettingsField } from "./schema.ts";

/** The configuration of settings sync, and what its owner should know about it. */
export interface LoadedSettings {
  config: SettingsConfig;
  origin: Record<SettingsField, SettingsOrigin>;
  warnings: ConfigProblem[];
}

/**
 * Reads the configuration of settings sync on this machine, also what the older plugin left.
 *
 * @throws AppError "config" where a file or a variable can't be used
 */
export async function loadSettingsConfig(
  env: Env,
  { configFile: path }: Pick<Paths, "configFile">,
  hostname: string,
): Promise<LoadedSettings> {
  const piSyncPath = piSyncFile(env);
  const [content, piSync] = await Promise.all([readConfigFile(path), readPiSync(piSyncPath)]);
  const file = content["settings"];
  const sources = { path, file, piSyncPath, piSync, env, hostname };
  const { values, origin, warnings, errors } = resolveSettings(sources);
  const [first] = errors;
  if (first) {
    const message = errors.map((error) => error.message).join("\n");
    throw new AppError("config", message, { hint: first.hint });
  }
  const exposed = await Promise.all([
    findExposedKey(path, { settings: file }, hostPlatform),
    findExposedKey(piSyncPath, { settings: piSync }, hostPlatform),
  ]);
  const problems = exposed.filter((problem) => problem !== undefined);
  return { config: values, origin, warnings: [...warnings, ...problems] };
}

/**
 * Changes fields under `settings` of our configuration file and keeps all others there; a field
 * that is set to undefined is removed.
 *
 * @throws AppError "config" where the file can't be read, or its `settings` is no object
 */
export async function updateSettings(
  path: string,
  changes: Readonly<Partial<Record<SettingsField, unknown>>>,
): Promise<void> {
  const { settings: before = {} } = await readConfigFile(path);
  const fields = asRecord(before);
  if (fields === undefined) {
    throw new AppError("config", `"settings" in ${path} is not an object.`, {
      hint: "Correct the file, or remove the field.",
    });
  }
  const after = Object.entries({ ...fields, ...changes }).filter(
    ([, value]) => value !== undefined,
  );
  const settings = after.length === 0 ? undefined : Object.fromEntries(after);
  await updateConfigFile(path, { settings });
}

/** Somebody else's file must not be read in its place, so it has to stand there itself. */
async function readPiSync(path: string): Promise<ConfigFile> {
  try {
    if ((await lstat(path)).isFile()) return await readConfigFile(path);
  } catch (error) {
    if (isNotFound(error)) return {};
    throw error;
  }
  throw new AppError("config", `${path} is a symbolic link or a folder, and is not read.`, {
    hint: "Put the file itself there, or move its values to `settings` of config.json.",
  });
}
