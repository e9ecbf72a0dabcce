import type { ArgsDef, ParsedArgs } from "citty";

/** A command: what it takes, and what it does. */
export interface Command<Flags extends ArgsDef = ArgsDef> {
  flags: Flags;
  /** Gives the exit code. */
  run: (args: ParsedArgs<Flags>) => Promise<number>;
  /** Lines to copy, each with what it does. */
  examples: readonly (readonly [line: string, meaning: string])[];
}

/** Keeps the names and types of a command's flags. */
export function defineCommand<const Flags extends ArgsDef>(command: Command<Flags>): Command {
  return command as unknown as Command;
}
