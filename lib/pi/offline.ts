import type { Env } from "../platform/paths.ts";

/** Whether pi is in the mode in which it leaves the network alone but for what it is asked to do. */
export function isOffline(env: Env): boolean {
  return /^(1|true|yes)$/i.test(env["PI_OFFLINE"] ?? "");
}
