import { resolvePaths } from "../../lib/platform/paths.ts";
import { processEnv } from "../../lib/platform/process.ts";
import { mayHaveSettings } from "../../lib/settings/config/may-have.ts";
import type { HostedSession } from "../host.ts";
import { claimStart, showIn, startWork } from "./memory.ts";

/**
 * Syncs pi's settings where pi has just started, and shows in any session how they stand. Where
 * nothing is set up, nothing more is loaded.
 */
export async function startSettings(hosted: HostedSession): Promise<void> {
  showIn(hosted);
  if (hosted.isSwitchedOff || hosted.reason !== "startup" || !claimStart()) return;
  if (!(await mayHaveSettings(processEnv, resolvePaths(processEnv)))) return;
  const { syncInBackground } = await import("./background.ts");
  await startWork(syncInBackground);
}
