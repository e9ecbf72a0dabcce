/**
 * pi-opensync: sends the sessions of pi to OpenSync while they go on.
 *
 * pi loads this file at every start, so it only registers; all else is loaded when it is needed.
 */

import type { ExtensionAPI } from "@mariozechner/pi-coding-agent";

import { registerCommands } from "./commands.ts";
import { createHost } from "./host.ts";

/** What may have added to the session. Some names are those of one version of pi, and never fire in the other. */
const nudgingEvents = [
  "message_end",
  "tool_execution_end",
  "turn_end",
  "session_compact",
  "session_tree",
  "session_info_changed",
  "model_select",
  "thinking_level_select",
  "user_bash",
  // A fork takes the place of a session that is kept in memory alone.
  "session_before_fork",
];

export default function opensync(pi: ExtensionAPI): void {
  const host = createHost(pi);
  // pi's types know the events of one version alone.
  const on = pi.on.bind(pi) as (event: string, handler: () => void) => void;

  pi.registerFlag("no-opensync", {
    description: "Send nothing of this run to OpenSync (give it behind the prompt)",
    type: "boolean",
    default: false,
  });
  registerCommands(pi, host);
  pi.on("session_start", (event, ctx) => host.start(event, ctx));
  pi.on("session_shutdown", (event) => host.stop(event.reason));
  on("agent_start", () => host.setBusy(true));
  on("agent_end", () => host.setBusy(false));
  on("agent_settled", () => host.setBusy(false));
  for (const event of nudgingEvents) on(event, () => host.nudge());
}
