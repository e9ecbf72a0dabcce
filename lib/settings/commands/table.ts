import type { SettingsContext, SettingsTools } from "../context.ts";
import type { CommandOptions, Dialogue, Report } from "./dialogue.ts";

/** A word behind `/pisync` and `pi-opensync settings`. */
interface SettingsCommand {
  /** What it does, in a few words. */
  description: string;
  /** The words that it takes, as help shows them. */
  takes?: string;
  run: (tools: SettingsTools, dialogue: Dialogue, options: CommandOptions) => Promise<Report>;
}

type Run = (
  context: SettingsContext,
  dialogue: Dialogue,
  options: CommandOptions,
) => Promise<Report>;

/** The commands, in the order of menus. Each is loaded when it is used first. */
export const settingsCommands = {
  status: {
    description: "How this machine and the storage stand",
    run: opened(async (context, _, options) =>
      (await import("./show.ts")).showStatus(context, options),
    ),
  },
  sync: {
    description: "Take and send what changed on one side; merge what changed on both",
    run: opened(async (...all) => transferAs("sync", ...all)),
  },
  diff: {
    description: "What would change, line by line",
    takes: "[PATH]",
    run: opened(async (context, _, options) =>
      (await import("./show.ts")).showDiff(context, options),
    ),
  },
  push: {
    description: "Send what changed here",
    run: opened(async (...all) => transferAs("push", ...all)),
  },
  pull: {
    description: "Take what changed in the storage",
    run: opened(async (...all) => transferAs("pull", ...all)),
  },
  resolve: {
    description: "Decide conflicts",
    takes: "[PATH mine|theirs]",
    run: opened(async (...all) => (await import("./resolve.ts")).resolve(...all)),
  },
  history: {
    description: "The newest snapshots",
    run: opened(async (context, _, options) =>
      (await import("./history.ts")).showHistory(context, options),
    ),
  },
  rollback: {
    description: "Go back to a snapshot",
    takes: "[NUMBER]",
    run: opened(async (...all) => (await import("./history.ts")).rollBack(...all)),
  },
  allow: {
    description: "Let a finding pass that is no secret",
    takes: "[FINDING]",
    run: opened(async (...all) => (await import("./allow.ts")).allow(...all)),
  },
  doctor: {
    description: "Check configuration, storage, lock and secrets",
    run: async (...all) => (await import("./doctor.ts")).examine(...all),
  },
  config: {
    description: "Show the configuration, or change it",
    takes: "[FIELD [VALUE]]",
    run: async (...all) => (await import("./config.ts")).configure(...all),
  },
  init: {
    description: "Choose the storage",
    takes: "[FOLDER]",
    run: async (...all) => (await import("./init.ts")).init(...all),
  },
  unlock: {
    description: "Remove the lock of a process that has ended",
    run: async (tools, _, options) => (await import("./unlock.ts")).unlock(tools, options),
  },
} as const satisfies Record<string, SettingsCommand>;

export type SettingsCommandName = keyof typeof settingsCommands;

/** The names of the commands, in their order. */
export const settingsCommandNames = Object.keys(settingsCommands) as SettingsCommandName[];

/** A command that needs the storage. */
function opened(run: Run): SettingsCommand["run"] {
  return async (tools, dialogue, options) => {
    const { openSettings } = await import("../context.ts");
    return run(await openSettings({ ...tools, signal: options.signal }), dialogue, options);
  };
}

async function transferAs(
  operation: "push" | "pull" | "sync",
  ...all: Parameters<Run>
): Promise<Report> {
  const { transfer } = await import("./transfer.ts");
  const [context, dialogue, options] = all;
  return transfer(context, operation, dialogue, options);
}
