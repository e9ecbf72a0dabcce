import type { ParsedArgs } from "citty";

import { AppError } from "../../lib/errors.ts";
import { settingsFields } from "../../lib/settings/config/schema.ts";
import type { CommandOptions, Report } from "../../lib/settings/commands/dialogue.ts";
import { settingsCommandNames, settingsCommands } from "../../lib/settings/commands/table.ts";
import type { SettingsCommandName } from "../../lib/settings/commands/table.ts";
import { checkUse, parseCommandName, settingsFlags } from "../../lib/settings/commands/usage.ts";
import type { TypedCommand } from "../../lib/settings/commands/usage.ts";
import { defineCommand } from "../command.ts";
import { isSilent } from "../context.ts";
import { exitCodes } from "../exit-code.ts";
import { catchInterrupts } from "../interrupt.ts";
import { createDialogue } from "../settings/dialogue.ts";
import { fitRow } from "../settings/rows.ts";
import { runSettings } from "../settings/run.ts";
import { showChecks } from "../ui/checks.ts";
import { commonFlags } from "../ui/flags.ts";
import { createMessages } from "../ui/messages.ts";
import type { Prompter } from "../ui/prompt.ts";
import { tellError } from "../ui/tell-error.ts";
import { formatColumns } from "../ui/usage.ts";
import { outputWidth } from "../ui/width.ts";

const flags = {
  command: { type: "positional", required: false, description: "What to do (status)" },
  word: {
    type: "positional",
    required: false,
    description: "What the command takes: a file, a snapshot, a finding, a field or a folder",
  },
  value: {
    type: "positional",
    required: false,
    description:
      "With resolve: mine or theirs. With config: the value; secrets are read from stdin",
  },
  yes: { type: "boolean", alias: "y", description: "Ask nothing, and go on" },
  force: {
    type: "boolean",
    description: "With push and pull: also in conflicts. With --yes: also many deletions",
  },
  stale: { type: "boolean", description: "With unlock: also a lock that another machine left" },
  "dry-run": { type: "boolean", description: "Change nothing, say what would be done" },
  ...commonFlags,
} as const;

type Args = ParsedArgs<typeof flags>;

/** `pi-opensync settings`: pi's settings, the same on all machines of a person. */
export const settingsCommand = defineCommand({
  flags,
  words: [[...settingsCommandNames, "help"], settingsFields, ["mine", "theirs"]],
  commands: listCommands(),
  examples: [
    ["pi-opensync settings init", "choose where settings are kept"],
    ["pi-opensync settings sync", "send and take what changed"],
    ["pi-opensync settings sync --dry-run", "what that would do"],
    ["pi-opensync settings sync --yes --quiet", "from cron, without a question"],
    ["pi-opensync settings init ~/Sync/pi", "a folder, without a question"],
    ["pi-opensync settings rollback 12", "back to snapshot 12 of 'history'"],
    ["pass show r2 | pi-opensync settings config secretAccessKey", "from a pipe"],
  ],
  run,
});

async function run(args: Args): Promise<number> {
  const { name, words } = readCommand(args);
  if (name === "help") return printHelp(args);
  // Behind the ^C that terminals print.
  using interrupt = catchInterrupts(() => process.stderr.write("\n"));
  let prompter: Prompter | undefined;
  const dialogue = createDialogue(args, async () => {
    const { createPrompter } = await import("../ui/prompt.ts");
    prompter = createPrompter(interrupt.signal);
    prompter.begin(`pi-opensync settings ${name}`);
    return prompter;
  });
  const options: CommandOptions = {
    words,
    yes: args.yes === true,
    force: args.force === true,
    stale: args.stale === true,
    dryRun: args["dry-run"] === true,
    signal: interrupt.signal,
  };
  try {
    const report = await runSettings(name, options, dialogue);
    prompter?.end("");
    return print(name, args, report);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "cancelled") throw error;
    if (interrupt.exitCode() === undefined) prompter?.cancel("Nothing was changed.");
    else tellError(error, args.json === true);
    return interrupt.exitCode() ?? exitCodes.interrupted;
  }
}

function print(name: SettingsCommandName, args: Args, report: Report): number {
  const { checks, document, lines, outcome, wantsReload } = report;
  // A difference is to be seen, or applied, as it is.
  const width = name === "diff" ? undefined : outputWidth();
  const text = checks
    ? showChecks(checks, { quiet: args.quiet === true }).trimEnd()
    : lines.map((line) => (width ? fitRow(line, width) : line)).join("\n");
  process.stdout.write(
    args.json ? `${JSON.stringify({ schemaVersion: 1, ...document })}\n` : `${text}\n`,
  );
  if (wantsReload) {
    const messages = createMessages({ quiet: isSilent(args), verbose: false });
    messages.info("Where pi runs, /reload takes this over.");
  }
  return outcome === "attention" ? exitCodes.partlyFailed : exitCodes.well;
}

function printHelp(args: Args): number {
  const document = {
    commands: settingsCommandNames.map((name) => ({
      name,
      takes: wordsOf(name),
      description: settingsCommands[name].description,
    })),
  };
  const text = formatColumns(listCommands(), outputWidth()).join("\n");
  process.stdout.write(
    args.json ? `${JSON.stringify({ schemaVersion: 1, ...document })}\n` : `${text}\n`,
  );
  return exitCodes.well;
}

function listCommands(): [string, string][] {
  return settingsCommandNames.map((name) => [
    `${name} ${wordsOf(name)}`.trim(),
    settingsCommands[name].description,
  ]);
}

/** The words that a command takes, as help shows them. */
function wordsOf(name: SettingsCommandName): string {
  const command = settingsCommands[name];
  return "takes" in command ? command.takes : "";
}

/** @throws AppError "usage" where the command does not take what was typed */
function readCommand(args: Args): TypedCommand {
  const { command = "status", word, value } = args;
  const words = [word, value].filter((given) => given !== undefined);
  const flags = new Set(settingsFlags.filter((flag) => args[flag] === true));
  const typed = { name: parseCommandName(command), words, flags };
  checkUse(typed);
  return typed;
}
