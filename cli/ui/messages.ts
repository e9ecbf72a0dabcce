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
  const level = quiet ? levels.errors : verbose ? levels.verbose : levels.all;
  let said = Promise.resolve();
  const print = async (type: keyof typeof levelOf, text: string, then: string): Promise<void> => {
    const before = said;
    // consola takes as long to load as the rest of a command that has nothing to say.
    const { createConsola } = await import("consola");
    await before;
    const { stderr } = process;
    createConsola({ level, stdout: stderr, stderr, formatOptions: { date: false } })[type](text);
    if (then) stderr.write(then);
  };
  const say = (type: keyof typeof levelOf, text: string, then = ""): void => {
    if (levelOf[type] <= level) said = print(type, text, then);
  };
  return {
    debug: (text) => say("debug", text),
    info: (text) => say("info", text),
    warn: (text) => say("warn", text),
    log: (text) => say("log", text),
    fail: (text, hint) => say("error", text, hint && `  ${hint}\n`),
  };
}

const levelOf = { error: 0, warn: 1, log: 2, info: 3, debug: 4 } as const;
