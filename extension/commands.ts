import type { ExtensionAPI, ExtensionCommandContext } from "@mariozechner/pi-coding-agent";

import type { Host } from "./host.ts";
import type { OpenedSession } from "./open.ts";

/** What a subcommand works with. */
export interface CommandContext {
  ctx: ExtensionCommandContext;
  host: Host;
  session: OpenedSession;
  /** Tells the person something. */
  say: (text: string, level?: "info" | "warning" | "error") => void;
}

/** A word behind `/opensync`. */
interface Subcommand {
  description: string;
  run: (context: CommandContext) => Promise<void>;
}

/** Each is loaded when it is used first. */
const subcommands: Readonly<Record<string, Subcommand>> = {
  status: {
    description: "Where sessions go, what is sent and what waits",
    run: async (context) => (await import("./commands/status.ts")).showStatus(context),
  },
  sync: {
    description: "Send now what waits",
    run: async (context) => (await import("./commands/gate.ts")).syncNow(context),
  },
  pause: {
    description: "Keep what comes here, until resume",
    run: async (context) => (await import("./commands/gate.ts")).pause(context),
  },
  resume: {
    description: "Go on sending, and send what waited",
    run: async (context) => (await import("./commands/gate.ts")).resume(context),
  },
  off: {
    description: "Keep this session private for good",
    run: async (context) => (await import("./commands/gate.ts")).keepPrivate(context),
  },
  open: {
    description: "Open the session in the browser",
    run: async (context) => (await import("./commands/open.ts")).openInBrowser(context),
  },
  doctor: {
    description: "Check configuration, server, key and redaction",
    run: async (context) => (await import("./commands/doctor.ts")).runDoctor(context),
  },
  preview: {
    description: "Show what is sent of the last turn, without secrets",
    run: async (context) => (await import("./commands/preview.ts")).showPreview(context),
  },
  config: {
    description: "Change the settings",
    run: ({ ctx, host }) => openConfig(ctx, host),
  },
};

const words = Object.keys(subcommands);

/** Registers `/opensync` with its subcommands, the two names of its settings form, and `/pisync`. */
export function registerCommands(pi: ExtensionAPI, host: Host): void {
  pi.registerCommand("opensync", {
    description: "OpenSync: state, sync, pause, private sessions, settings",
    getArgumentCompletions: completeWord,
    handler: (args, ctx) => guard(ctx, () => runCommand(args.trim(), ctx, host)),
  });
  // The second name is the one of the older plugin.
  for (const name of ["opensync-config", "opensync:config"]) {
    pi.registerCommand(name, {
      description: "OpenSync: settings",
      handler: (_args, ctx) => guard(ctx, () => openConfig(ctx, host)),
    });
  }
  pi.registerCommand("pisync", {
    description: "pi's settings, the same on all your machines",
    getArgumentCompletions: async (begun) =>
      (await import("./settings/complete.ts")).completeArgs(begun),
    handler: (args, ctx) =>
      guard(ctx, async () => (await import("./settings/command.ts")).runPisync(args, ctx, host)),
  });
}

function completeWord(
  prefix: string,
): { value: string; label: string; description: string }[] | null {
  const begun = prefix.trimStart();
  // What is complete already needs no Enter of its own.
  if (Object.hasOwn(subcommands, begun)) return null;
  const items = Object.entries(subcommands)
    .filter(([word]) => word.startsWith(begun))
    .map(([word, { description }]) => ({ value: word, label: word, description }));
  return items.length > 0 ? items : null;
}

async function runCommand(args: string, ctx: ExtensionCommandContext, host: Host): Promise<void> {
  const { ui } = ctx;
  const session = await host.session();
  if (session === undefined) return;
  const context: CommandContext = { ctx, host, session, say: (...said) => ui.notify(...said) };
  const word = args === "" ? await chooseWord(context) : args;
  if (word === undefined) return;
  const subcommand = Object.hasOwn(subcommands, word) ? subcommands[word] : undefined;
  if (subcommand) return subcommand.run(context);
  const { describeUnknown } = await import("./commands/unknown.ts");
  context.say(describeUnknown(word, words), "error");
}

/** The menu, with the state above. */
async function chooseWord(context: CommandContext): Promise<string | undefined> {
  const { summarize } = await import("./commands/status.ts");
  const width = Math.max(...words.map((word) => word.length));
  const lines = words.map(
    (word) => `${word.padEnd(width)}  ${subcommands[word]?.description ?? ""}`,
  );
  const chosen = await context.ctx.ui.select(`OpenSync: ${summarize(context.session)}`, lines);
  return words[lines.indexOf(chosen ?? "")];
}

async function openConfig(ctx: ExtensionCommandContext, host: Host): Promise<void> {
  const { openConfigForm } = await import("./config/form.ts");
  await openConfigForm(ctx, host);
}

/** What goes wrong in a command is told, and a session that ended meanwhile is nobody's concern. */
async function guard(ctx: ExtensionCommandContext, action: () => Promise<void>): Promise<void> {
  const { ui } = ctx;
  try {
    await action();
  } catch (error) {
    const { describeError } = await import("./commands/tell-error.ts");
    ui.notify(describeError(error), "error");
  }
}
