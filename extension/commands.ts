import type { ExtensionAPI } from "@mariozechner/pi-coding-agent";

import type { Host } from "./host.ts";

export function registerCommands(pi: ExtensionAPI, host: Host): void {
  pi.registerCommand("opensync", {
    description: "OpenSync",
    handler: async () => {
      await host.session();
    },
  });
}
