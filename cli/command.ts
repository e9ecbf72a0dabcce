import type { ArgsDef, ParsedArgs } from "citty";

/** A command: what it takes, and what it does. */
export interface Command<Flags extends ArgsDef = ArgsDef> {
  flags: Flags;
  /** Gives the exit code. */
  run: (args: ParsedArgs<Flags>) => Promise<number>;
  /** Lines to copy, each with what it does. */
  examples: readonly (readonly [line: string, meaning: string])[];
  /** What its first word may be, where these are commands again, each with what it does. */
  commands?: readonly (readonly [line: string, meaning: string])[];
  /** The words that may stand at each place behind the command, where they are known. */
  words?: readonly (readonly string[])[];
}

/** A command that is loaded when it is asked for, so that `--help` and the others start fast. */
export interface CommandEntry {
  description: string;
  load: () => Promise<Command>;
}

/** Commands by name, in the order of the help. */
export type CommandTable = Readonly<Record<string, CommandEntry>>;

/** Keeps the names and types of a command's flags. */
export function defineCommand<const Flags extends ArgsDef>(command: Command<Flags>): Command {
  return command as unknown as Command;
}
