import { piAgentDir } from "../platform/paths.ts";
import { recoverApply } from "../settings/apply/recover.ts";
import { loadSettingsConfig } from "../settings/config/load.ts";
import { applyPlace, settingsLock } from "../settings/context.ts";
import type { LockPlace } from "../settings/lock.ts";
import { removeLock, withSettingsLock } from "../settings/lock.ts";
import type { RepairTools } from "./repair.ts";

/**
 * Removes the lock of settings sync that a process left.
 *
 * @throws LockedError where somebody holds it by now
 */
export async function removeLeftLock(tools: RepairTools): Promise<void> {
  await removeLock(lockOf(tools), { isForced: false });
}

/**
 * Finishes, or undoes, what a sync that was killed began to write.
 *
 * @throws LockedError where somebody syncs; AppError where it can't be done
 */
export async function finishApply(tools: RepairTools): Promise<void> {
  const { env, paths, clock, hostname } = tools;
  const { config } = await loadSettingsConfig(env, paths, hostname);
  const place = applyPlace({ env, paths, clock }, config.localKeys);
  await withSettingsLock({ ...lockOf(tools), what: "doctor" }, () => recoverApply(place));
}

function lockOf({ env, paths, clock, hostname }: RepairTools): LockPlace {
  return settingsLock(paths, piAgentDir(env), hostname, clock);
}
