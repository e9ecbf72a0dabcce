import { readFileSync } from "node:fs";

import { hostPlatform } from "./paths.ts";
import type { Env } from "./paths.ts";

/** The number of this process. */
export const processId: number = process.pid;

/** The variables of this process. */
export const processEnv: Env = process.env;

/** Writes a line to the stream for errors. */
export function writeError(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Whether a process with this number runs. */
export function isProcessAlive(id: number): boolean {
  try {
    process.kill(id, 0);
    return !isZombie(id);
  } catch (error) {
    // It runs, and belongs to somebody else.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** In a container, a process that has ended can stay listed for ever. */
function isZombie(id: number): boolean {
  if (hostPlatform !== "linux") return false;
  try {
    // The state stands behind the name, which may hold anything.
    return /\) Z/.test(readFileSync(`/proc/${id}/stat`, "latin1"));
  } catch {
    return false;
  }
}
