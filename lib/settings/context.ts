import { join } from "node:path";

import type { CreateMode, ObjectStore } from "../object-store/object-store.ts";
import { openStore } from "../object-store/open-store.ts";
import type { Fetch } from "../opensync/request.ts";
import type { Clock } from "../platform/clock.ts";
import { hostPlatform, piAgentDir } from "../platform/paths.ts";
import type { Env, Paths } from "../platform/paths.ts";
import { readConfigFile } from "../config/file.ts";
import type { Scanner } from "../redact/scan.ts";
import { asString } from "../session/value.ts";
import type { ApplyPlace } from "./apply/place.ts";
import { loadSettingsConfig } from "./config/load.ts";
import type { SettingsConfig } from "./config/schema.ts";
import { requireEncryptionKey, requireStorage, storageId } from "./config/storage.ts";
import type { StorageTarget } from "./config/storage.ts";
import { hashContent } from "./hash.ts";
import type { LockPlace } from "./lock.ts";
import { openRemoteLog } from "./remote/remote-log.ts";
import type { RemoteLog } from "./remote/remote-log.ts";
import { openSeal } from "./remote/seal.ts";
import { loadSettingsScanner } from "./secrets/load-scanner.ts";
import type { Selection } from "./selection.ts";
import { shareSettings } from "./shared-settings.ts";
import { settingsFile } from "./read-local.ts";
import { readCreateMode } from "./state.ts";

/** What settings sync needs of the world. */
export interface SettingsTools {
  env: Env;
  paths: Paths;
  clock: Clock;
  fetch: Fetch;
  hostname: string;
  /** Ends commands that credentials come from. */
  signal?: AbortSignal;
}

/** This machine, its storage, and all between them. */
export interface SettingsContext {
  readonly tools: SettingsTools;
  readonly config: SettingsConfig;
  readonly configFile: string;
  readonly agentDir: string;
  /** What this machine remembers of this storage. */
  readonly stateDir: string;
  /** Where it is remembered what files held; undefined where nothing is to be written. */
  readonly scanCachePath: string | undefined;
  readonly selection: Selection;
  readonly localKeys: readonly string[];
  /** Whether files have an executable bit here. */
  readonly hasModes: boolean;
  readonly place: ApplyPlace;
  readonly clock: Clock;
  readonly store: ObjectStore;
  readonly log: RemoteLog;
  /** What finds secrets in what is about to be sent. */
  readonly loadScanner: () => Promise<Scanner>;
  /** How the storage creates; undefined before it was tried. */
  readonly createMode: () => CreateMode | undefined;
  /** Tries it, if that was not done yet. */
  readonly ensureCreateMode: (signal: AbortSignal) => Promise<CreateMode>;
  /** The lock of this machine, for work that is called `what`. */
  readonly lock: (what: string) => LockPlace & { what: string };
}

/**
 * Gets settings sync ready. Nothing is read from the storage yet.
 *
 * @throws AppError "not-configured" where there is no storage yet, "config" where the configuration
 * can't be used
 */
export async function openSettings(
  tools: SettingsTools,
  open: typeof openStore = openStore,
): Promise<SettingsContext> {
  const { env, paths, hostname } = tools;
  const loaded = await loadSettingsConfig(env, paths, hostname);
  return openConfigured(tools, loaded.config, open);
}

/** The same for a configuration that is not stored yet. */
export async function openConfigured(
  tools: SettingsTools,
  config: SettingsConfig,
  open: typeof openStore = openStore,
): Promise<SettingsContext> {
  const { env, paths, clock, fetch, hostname, signal } = tools;
  const agentDir = piAgentDir(env);
  const machineDir = machineStateDir(paths, agentDir);
  const target = await requireStorage(config, env, signal);
  const key = await requireEncryptionKey(config, env, signal);
  const { prefix, profile, localKeys } = config;
  const stateDir = join(machineDir, storageId(target, prefix, profile, agentDir));
  let createMode = await readCreateMode(stateDir);
  const store = open(createMode && target.kind === "s3" ? { ...target, createMode } : target, {
    fetch,
    clock,
  });
  const seal = key === undefined ? undefined : await openSeal(key);
  const place = applyPlace(tools, localKeys);
  return {
    tools,
    config,
    configFile: paths.configFile,
    agentDir,
    stateDir,
    scanCachePath: join(machineDir, "scan.json"),
    selection: { include: config.include, exclude: config.exclude },
    localKeys,
    hasModes: place.hasModes,
    place,
    clock,
    store,
    log: openRemoteLog({ store, prefix, name: profile, clock, seal, toShared: shareAs(localKeys) }),
    loadScanner: once(() => loadScanner(tools, target, key)),
    createMode: () => createMode,
    ensureCreateMode: async (signal) => {
      createMode ??= await store.probe(`${prefix}/profiles/${profile}/`, { signal });
      return createMode;
    },
    lock: (what) => ({ ...settingsLock(paths, agentDir, hostname, clock), what }),
  };
}

async function loadScanner(
  { env, paths }: SettingsTools,
  target: StorageTarget,
  encryptionKey: string | undefined,
): Promise<Scanner> {
  const openSyncKey = asString((await readConfigFile(paths.configFile))["apiKey"]);
  return loadSettingsScanner(env, { target, encryptionKey, openSyncKey });
}

/** Does it when it is asked for first, and never again. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

/** Of files that were stored as a whole, what is shared. */
function shareAs(localKeys: readonly string[]) {
  return (path: string, content: Uint8Array): Uint8Array | undefined =>
    path === settingsFile
      ? shareSettings(Buffer.from(content).toString("utf8"), localKeys)
      : content;
}

/** Where changes are applied, whatever storage they come from. */
export function applyPlace(
  { env, paths, clock }: Pick<SettingsTools, "env" | "paths" | "clock">,
  localKeys: readonly string[],
): ApplyPlace {
  const agentDir = piAgentDir(env);
  const hasModes = hostPlatform !== "win32";
  return { agentDir, stateDir: machineStateDir(paths, agentDir), localKeys, hasModes, clock };
}

/** The lock that all who sync an agent directory take. */
export function settingsLock(
  paths: Paths,
  agentDir: string,
  hostname: string,
  clock: Clock,
): LockPlace {
  return { path: join(machineStateDir(paths, agentDir), "lock"), host: hostname, clock };
}

/** What is kept of an agent directory, whatever storage it is synced with: journal, backups, lock. */
function machineStateDir(paths: Paths, agentDir: string): string {
  return join(paths.stateDir, "settings", hashContent(Buffer.from(agentDir)).slice(0, 16));
}
