import { piAgentDir } from "../../platform/paths.ts";
import { settingsLock } from "../context.ts";
import type { SettingsTools } from "../context.ts";
import { removeLock } from "../lock.ts";
import type { CommandOptions, Report } from "./dialogue.ts";

/** `unlock`: removes the lock of a process that has ended; with `--stale` also that of another machine. */
export async function unlock(
  { env, paths, hostname, clock }: SettingsTools,
  { stale }: Pick<CommandOptions, "stale">,
): Promise<Report> {
  const place = settingsLock(paths, piAgentDir(env), hostname, clock);
  const holder = await removeLock(place, { isForced: stale });
  return {
    lines: [holder === undefined ? "There is no lock." : describe(holder.processId, holder.host)],
    outcome: "well",
    document: { removed: holder ?? null },
  };
}

function describe(processId: number, host: string): string {
  return host === ""
    ? "Removed a lock that could not be read."
    : `Removed the lock of process ${processId} on ${host}.`;
}
