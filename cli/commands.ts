import type { ArgsDef, ParsedArgs } from "citty";

/** A command: what it takes, and what it does. */
export interface Command<Flags extends ArgsDef = ArgsDef> {
  flags: Flags;
  /** Gives the exit code. */
  run: (args: ParsedArgs<Flags>) => Promise<number>;
  /** Lines to copy, each with what it does. */
  examples: readonly (readonly [line: string, meaning: string])[];
}

/** A command that is loaded when it is asked for, so that `--help` and the others start fast. */
export interface CommandEntry {
  description: string;
  load: () => Promise<Command>;
}

/** Every command, in the order of the help. */
export const commands: Readonly<Record<string, CommandEntry>> = {
  backfill: {
    description: "Send the pi sessions on this machine to OpenSync",
    load: async () => (await import("./commands/backfill.ts")).backfillCommand,
  },
  serve: {
    description: "Run an OpenSync-compatible server on this machine",
    load: async () => (await import("./commands/serve.ts")).serveCommand,
  },
};

/** Keeps the names and types of a command's flags. */
export function defineCommand<const Flags extends ArgsDef>(command: Command<Flags>): Command {
  return command as unknown as Command;
}
