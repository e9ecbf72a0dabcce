import type { CommandTable } from "./command.ts";

/** Every command, in the order of the help. */
export const commands: CommandTable = {
  setup: {
    description: "Choose a server, and let pi send its sessions there",
    load: async () => (await import("./commands/setup.ts")).setupCommand,
  },
  backfill: {
    description: "Send the pi sessions on this machine to OpenSync",
    load: async () => (await import("./commands/backfill.ts")).backfillCommand,
  },
  status: {
    description: "Where sessions go, what is sent and what waits",
    load: async () => (await import("./commands/status.ts")).statusCommand,
  },
  sync: {
    description: "Send now what waits",
    load: async () => (await import("./commands/sync.ts")).syncCommand,
  },
  list: {
    description: "The sessions on this machine, and how it stands with each",
    load: async () => (await import("./commands/list.ts")).listCommand,
  },
  open: {
    description: "Open the dashboard, or a session on it, in the browser",
    load: async () => (await import("./commands/open.ts")).openCommand,
  },
  config: {
    description: "Look at the configuration, and change it",
    load: async () => (await import("./commands/config.ts")).configCommand,
  },
  settings: {
    description: "Keep pi's settings the same on all your machines",
    load: async () => (await import("./commands/settings.ts")).settingsCommand,
  },
  retarget: {
    description: "Send everything to another server, and stay there",
    load: async () => (await import("./commands/retarget.ts")).retargetCommand,
  },
  doctor: {
    description: "Look at all that sending depends on, and say what mends it",
    load: async () => (await import("./commands/doctor.ts")).doctorCommand,
  },
  serve: {
    description: "Run an OpenSync-compatible server on this machine",
    load: async () => {
      (await import("./require-bun.ts")).requireBun();
      return (await import("./commands/serve.ts")).serveCommand;
    },
  },
  uninstall: {
    description: "Take pi-opensync out of pi, and off this machine if you want",
    load: async () => (await import("./commands/uninstall.ts")).uninstallCommand,
  },
  completion: {
    description: "Have your shell complete commands and flags",
    load: async () => (await import("./commands/completion.ts")).createCompletion(commands),
  },
};
