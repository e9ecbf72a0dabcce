import { createConsola } from "consola";
import type { ConsolaInstance } from "consola";

/** What the person wants to hear. */
export interface Loudness {
  quiet: boolean;
  verbose: boolean;
}

/** Messages for people. All of them go to stderr: stdout is for results. */
export function createMessages({ quiet, verbose }: Loudness): ConsolaInstance {
  return createConsola({
    level: quiet ? 1 : verbose ? 4 : 3,
    stdout: process.stderr,
    stderr: process.stderr,
    formatOptions: { date: false },
  });
}
