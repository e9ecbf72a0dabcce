import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { findTrouble } from "../../lib/config/check.ts";
import type { CheckTools } from "../../lib/config/check.ts";
import type { ConfigDraft } from "../../lib/config/draft.ts";
import { updateConfigFile } from "../../lib/config/file.ts";
import type { Config } from "../../lib/config/schema.ts";
import type { AppError } from "../../lib/errors.ts";
import { OpenSyncError } from "../../lib/opensync/failure.ts";
import { olderPackage, registerPackage, unregisterPackage } from "../../lib/pi/registration.ts";
import type { Registered } from "../../lib/pi/registration.ts";
import { systemClock } from "../../lib/platform/clock.ts";
import type { Env, Paths } from "../../lib/platform/paths.ts";
import { loadApiKey } from "../../lib/server/auth.ts";
import { defaultPort } from "../../lib/server/port.ts";

/** The address of the server on this machine. */
export const localUrl = `http://127.0.0.1:${defaultPort}`;

/** What is to be done. Nothing is written before `applyPlan`. */
export interface SetupPlan {
  draft: ConfigDraft;
  /** Sessions go to the server on this machine, with its own key. */
  isLocal: boolean;
  /** Whether pi is to load our package. */
  isRegistering: boolean;
  /** Another source for it than what is there, or the default. */
  source: string | undefined;
  /** Whether pi is to load the older plugin no more. */
  isRemovingOlder: boolean;
}

/** What was done. */
export interface SetupResult {
  /** Fields of our configuration that changed. */
  changed: string[];
  registered?: Registered;
  /** Sources of the older plugin that were taken out. */
  olderRemoved: string[];
}

/** What the answer of a server is worth. */
export interface ServerCheck {
  /** The server on this machine does not run yet, which is no trouble. */
  isWaiting: boolean;
  trouble?: AppError;
}

/** Asks the plan's server whether it is OpenSync and takes the key. Writes nothing. */
export async function checkServer(
  { draft, isLocal }: SetupPlan,
  paths: Paths,
  tools: CheckTools,
): Promise<ServerCheck> {
  const config = isLocal ? await localConfig(draft, paths) : draft.config();
  if (isLocal && config.apiKey === undefined) return { isWaiting: true };
  const trouble = await findTrouble(config, tools);
  const isSilent = trouble instanceof OpenSyncError && trouble.kind === "unreachable";
  if (config.url === localUrl && isSilent) return { isWaiting: true };
  return { isWaiting: false, ...(trouble && { trouble }) };
}

/** Does it, each part whole or not at all. @throws AppError as `registerPackage` */
export async function applyPlan(plan: SetupPlan, paths: Paths, env: Env): Promise<SetupResult> {
  const { draft } = plan;
  if (plan.isLocal) draft.set("apiKey", await loadApiKey(keyPath(paths)));
  const changes = draft.changes();
  const changed = Object.keys(changes);
  if (changed.length > 0) await updateConfigFile(paths.configFile, changes);
  const access = { env, clock: systemClock };
  // First, for the copy of pi's settings as they were.
  const registered = plan.isRegistering ? await registerPackage(plan.source, access) : undefined;
  const olderRemoved = plan.isRemovingOlder ? await unregisterPackage(olderPackage, access) : [];
  return { changed, olderRemoved, ...(registered && { registered }) };
}

/** The draft with the key of the server on this machine, where that has one already. */
async function localConfig(draft: ConfigDraft, paths: Paths): Promise<Config> {
  const { apiKey: _other, ...config } = draft.config();
  const apiKey = await readFile(keyPath(paths), "utf8").catch(() => undefined);
  return { ...config, ...(apiKey !== undefined && { apiKey }) };
}

function keyPath(paths: Paths): string {
  return join(paths.dataDir, "api-key");
}
