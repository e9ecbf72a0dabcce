import { readConfigFile } from "../../config/file.ts";
import { isOffline as isToldOffline } from "../../pi/offline.ts";
import { startDeadline } from "../../platform/deadline.ts";
import { isFolderEndpoint } from "../../settings/config/endpoint.ts";
import { loadSettingsConfig } from "../../settings/config/load.ts";
import type { LoadedSettings } from "../../settings/config/load.ts";
import { settingsFields } from "../../settings/config/schema.ts";
import { openConfigured } from "../../settings/context.ts";
import type { SettingsContext, SettingsTools } from "../../settings/context.ts";
import { piSyncFile } from "../../settings/config/may-have.ts";
import type { ExposedFile } from "./files.ts";
import { toProblem } from "./problem.ts";
import type { Problem } from "./problem.ts";
import { compareSides } from "./settings-comparison.ts";
import type { ComparisonFacts } from "./settings-comparison.ts";
import { listExposed, lookAtApply, lookAtBackups, lookAtLock } from "./settings-disk.ts";
import type { ApplyFacts, BackupFacts, SettingsLockFacts } from "./settings-disk.ts";
import { askStorage, toStorageProblem } from "./settings-storage.ts";
import type { StorageFacts } from "./settings-storage.ts";

/** How settings sync stands on this machine: plain JSON, without any secret. */
export interface SettingsFacts {
  /** What its configuration lacks, or why it can't be used. */
  problem?: Problem;
  warnings: Problem[];
  /** What the configuration says; absent where it can't be read. */
  config?: SettingsConfigFacts;
  exposed: ExposedFile[];
  lock?: SettingsLockFacts;
  apply?: ApplyFacts;
  backups: BackupFacts;
  storage?: StorageFacts;
  comparison?: ComparisonFacts;
  /** Why the sides could not be compared, though the storage answers. */
  comparisonProblem?: Problem;
}

/** What the configuration of settings sync says. */
export interface SettingsConfigFacts {
  endpoint?: string;
  profile: string;
  /** The files and variables that it comes from. */
  sources: string[];
  /** Its access key is a temporary one. */
  hasSessionToken: boolean;
  autoSync: boolean;
  /** The variable that switches automatic sync off. */
  autoSyncVariable?: string;
}

/** How far it is looked. */
export interface SettingsLook {
  /** Leave the network alone, as it is where pi is told so. */
  isOffline: boolean;
  /** Find out how the storage creates, by writing and deleting a small object. */
  isProbing: boolean;
  /** For all that is asked of the storage. */
  timeoutMs: number;
}

/**
 * Looks at settings sync. Nothing is changed but, where `isProbing`, for a moment in the storage. A
 * credential that a command prints makes that command run.
 *
 * @throws the reason of the tools' signal when that is aborted
 */
export async function lookAtSettings(
  tools: SettingsTools,
  look: SettingsLook,
): Promise<SettingsFacts> {
  const { env, paths, hostname } = tools;
  const [lock, apply, backups] = await Promise.all([
    lookAtLock(tools),
    lookAtApply(tools),
    lookAtBackups(tools),
  ]);
  const onDisk = { ...(lock && { lock }), ...(apply && { apply }), backups };
  let loaded: LoadedSettings;
  try {
    loaded = await loadSettingsConfig(env, paths, hostname);
  } catch (error) {
    return { problem: toProblem(error), warnings: [], exposed: [], ...onDisk };
  }
  const known = { ...onDisk, ...(await describeConfig(loaded, tools)) };
  try {
    const context = await openConfigured(tools, loaded.config);
    return { ...known, ...(await lookAtBoth(context, look)) };
  } catch (error) {
    tools.signal?.throwIfAborted();
    return { ...known, problem: toProblem(error) };
  }
}

async function describeConfig(
  { config, origin, warnings }: LoadedSettings,
  { env, paths }: SettingsTools,
): Promise<Pick<SettingsFacts, "config" | "exposed" | "warnings">> {
  const { configFile } = paths;
  const piSync = piSyncFile(env);
  const [ours, theirs] = await Promise.all(
    [configFile, piSync].map((path) => readConfigFile(path)),
  );
  const exposed = await listExposed([
    { path: configFile, content: { settings: ours?.["settings"] } },
    { path: piSync, content: { settings: theirs } },
  ]);
  const origins = settingsFields.map((field) => origin[field]);
  const sources = origins.filter(({ source }) => source !== "default").map(({ name }) => name);
  const { source, name } = origin.autoSync;
  return {
    config: {
      ...(config.endpoint !== undefined && { endpoint: config.endpoint }),
      profile: config.profile,
      sources: [...new Set(sources)],
      hasSessionToken: config.sessionToken !== undefined,
      autoSync: config.autoSync,
      ...(source === "environment" && !config.autoSync && { autoSyncVariable: name }),
    },
    exposed: exposed.map(({ file }) => file),
    warnings: warnings.filter(
      ({ message }) => !exposed.some(({ problem }) => problem.message === message),
    ),
  };
}

async function lookAtBoth(
  context: SettingsContext,
  { isOffline, isProbing, timeoutMs }: SettingsLook,
): Promise<Pick<SettingsFacts, "storage" | "comparison" | "comparisonProblem">> {
  const { config, tools } = context;
  const isLeftAlone = isOffline || isToldOffline(tools.env);
  const isAsked = !isLeftAlone || isFolderEndpoint(config.endpoint);
  const deadline = startDeadline(timeoutMs, tools.signal);
  try {
    const { facts: storage, remote } = await askStorage(context, { isAsked, isProbing, deadline });
    if (remote === undefined) return { storage };
    try {
      return { storage, comparison: await compareSides(context, remote, deadline.signal) };
    } catch (error) {
      return { storage, comparisonProblem: toStorageProblem(error, context, deadline) };
    }
  } finally {
    deadline.end();
  }
}
