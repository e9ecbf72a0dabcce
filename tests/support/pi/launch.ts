import type { Subprocess } from "bun";

import type { Env } from "../../../lib/platform/paths.ts";

/** How to start a pi: nothing of this process's environment gets into it. */
export interface Launch {
  command: string[];
  cwd: string;
  env: Env;
}

/** How a pi ended. */
export interface Ending {
  exitCode: number | null;
  signal: string | null;
}

/** How a process ended that has ended. */
export function endingOf({ exitCode, signalCode }: Subprocess): Ending {
  return { exitCode, signal: signalCode === null ? null : String(signalCode) };
}
