import { createConsola } from "consola";

/** What the person wants to hear. */
export interface Loudness {
  quiet: boolean;
  verbose: boolean;
}

/** Messages for people. All of them go to stderr: stdout is for results. */
export interface Messages {
  /** For `--verbose`. */
  debug(text: string): void;
  info(text: string): void;
  warn(text: string): void;
  /** A line as it is. */
  log(text: string): void;
  /** What went wrong and what to do next. It is said however quiet it is to be. */
  fail(text: string, hint?: string): void;
}

const levels = { errors: 0, all: 3, verbose: 4 } as const;

/** Messages as loud as the person wants them. */
export function createMessages({ quiet, verbose }: Loudness): Messages {
  const consola = createConsola({
    level: quiet ? levels.errors : verbose ? levels.verbose : levels.all,
    stdout: process.stderr,
    stderr: process.stderr,
    formatOptions: { date: false },
  });
  return {
    debug: (text) => consola.debug(text),
    info: (text) => consola.info(text),
    warn: (text) => consola.warn(text),
    log: (text) => consola.log(text),
    fail: (text, hint) => {
      consola.error(text);
      if (hint) process.stderr.write(`  ${hint}\n`);
    },
  };
}
