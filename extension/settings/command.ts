import type { ExtensionCommandContext } from "@mariozechner/pi-coding-agent";

import { systemClock } from "../../lib/platform/clock.ts";
import { writeError } from "../../lib/platform/process.ts";
import type { CommandOptions, Dialogue, Report } from "../../lib/settings/commands/dialogue.ts";
import { settingsCommandNames, settingsCommands } from "../../lib/settings/commands/table.ts";
import type { SettingsCommandName } from "../../lib/settings/commands/table.ts";
import { parseTyped } from "../../lib/settings/commands/usage.ts";
import type { TypedCommand } from "../../lib/settings/commands/usage.ts";
import type { SettingsTools } from "../../lib/settings/context.ts";
import type { Host } from "../host.ts";
import { updateFooter } from "./background.ts";
import { Busy } from "./busy.ts";
import { createDialogue } from "./dialogue.ts";
import { editConfig } from "./edit-config.ts";
import type { SettingsNotice } from "./memory.ts";
import { startWork, stopWork } from "./memory.ts";
import { chooseCommand } from "./menu.ts";
import { offerReload, whyNotReload } from "./reload.ts";
import { createTools, describeError, spell } from "./tools.ts";

/** What takes the lock that an automatic sync may hold. */
const writing: ReadonlySet<string> = new Set<SettingsCommandName>([
  "sync",
  "push",
  "pull",
  "resolve",
  "rollback",
]);

/** What may change how both sides stand, or what is known of it. */
const changing: ReadonlySet<string> = new Set<SettingsCommandName>([
  "sync",
  "push",
  "pull",
  "resolve",
  "rollback",
  "status",
  "init",
]);

/** What a command has to do with. */
interface Run {
  ctx: ExtensionCommandContext;
  tools: SettingsTools;
  dialogue: Dialogue;
  busy: Busy;
  signal: AbortSignal;
  say: (notice: SettingsNotice) => void;
}

/** `/pisync`: the commands of settings sync, and a menu of them. What goes wrong is told. */
export async function runPisync(
  args: string,
  ctx: ExtensionCommandContext,
  host: Host,
): Promise<void> {
  // The context throws once its session has ended, which can be meanwhile.
  const { ui, hasUI } = ctx;
  const sessionEnd = host.hosted()?.signal;
  const end = new AbortController();
  const cancel = (): void => end.abort();
  sessionEnd?.addEventListener("abort", cancel, { once: true });
  const { signal } = end;
  const say = hasUI ? ({ text, level }: SettingsNotice) => ui.notify(text, level) : print;
  const busy = new Busy(ui, "Settings sync… (Esc ends it)", cancel);
  const dialogue = createDialogue({ ui, hasUI, busy, signal });
  const tools = createTools(systemClock, signal);
  try {
    await runTyped(parseTyped(args), { ctx, tools, dialogue, busy, signal, say });
  } catch (error) {
    if (sessionEnd?.aborted) return;
    await busy.hide();
    say(signal.aborted ? stopped : { text: describeError(error), level: "error" });
  } finally {
    await busy.hide();
    sessionEnd?.removeEventListener("abort", cancel);
  }
}

const stopped: SettingsNotice = {
  text: "Settings sync: stopped. The same command goes on from here.",
  level: "info",
};

/** Where nobody sees pi's notices, as with `pi -p`. */
function print({ text }: SettingsNotice): void {
  writeError(text);
}

async function runTyped(typed: TypedCommand | undefined, run: Run): Promise<void> {
  const { dialogue, tools, busy } = run;
  if (typed === undefined) {
    const name = dialogue.isInteractive ? await chooseCommand(tools, dialogue, busy) : "status";
    if (name !== undefined) await runCommand({ name, words: [], flags: new Set() }, run);
  } else if (typed.name === "help") {
    run.say({ text: describeHelp(), level: "info" });
  } else {
    await runCommand({ ...typed, name: typed.name }, run);
  }
}

async function runCommand(
  { name, words, flags }: TypedCommand & { name: SettingsCommandName },
  run: Run,
): Promise<void> {
  const { tools, dialogue, busy, signal, ctx } = run;
  const options: CommandOptions = {
    words,
    yes: flags.has("yes"),
    force: flags.has("force"),
    stale: flags.has("stale"),
    dryRun: flags.has("dry-run"),
    signal,
  };
  busy.show();
  // What a person asks for goes before what goes on by itself.
  if (writing.has(name)) await stopWork();
  if (name === "config" && words.length === 0 && dialogue.isInteractive) {
    await editConfig(tools, dialogue, options, run.say);
  } else {
    const report = await settingsCommands[name].run(tools, dialogue, options);
    await busy.hide();
    const wantsReload = report.wantsReload === true && dialogue.isInteractive;
    const obstacle = wantsReload ? whyNotReload(ctx, options.yes) : undefined;
    run.say(describeReport(report, obstacle));
    if (changing.has(name) && dialogue.isInteractive) void startWork(updateFooter);
    if (wantsReload && obstacle === undefined) await offerReload(ctx, run);
  }
}

/** Longer texts, such as differences, are cut. */
const linesMax = 300;

function describeReport({ lines, document }: Report, note?: string): SettingsNotice {
  const rest = lines.length - linesMax;
  const shown = lines.slice(0, linesMax).map(spell);
  if (rest > 0) shown.push(`… and ${rest} more lines`);
  // One notice takes the place of another, so it goes along.
  if (note !== undefined) shown.push(note);
  // pi writes "Warning:" before it: of what was done, or only asked, that would say too much.
  const isStopped = (document["stop"] ?? null) !== null;
  return { text: shown.join("\n"), level: isStopped ? "warning" : "info" };
}

function describeHelp(): string {
  const rows = settingsCommandNames.map((name) => {
    const { description, takes } = { takes: "", ...settingsCommands[name] };
    return [`/pisync ${name} ${takes}`.trim(), description] as const;
  });
  const width = Math.max(...rows.map(([usage]) => usage.length));
  return [
    ...rows.map(([usage, description]) => `${usage.padEnd(width)}  ${description}`),
    "--yes asks nothing, --force decides conflicts, --dry-run only shows, --stale removes any lock.",
  ].join("\n");
}
