import type { Command } from "./command.ts";

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
