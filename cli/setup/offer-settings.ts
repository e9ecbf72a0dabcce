import type { CommandOptions, Dialogue, Report } from "../../lib/settings/commands/dialogue.ts";
import type { SettingsCommandName } from "../../lib/settings/commands/table.ts";
import { mayHaveSettings } from "../../lib/settings/config/may-have.ts";
import { exitCodes } from "../exit-code.ts";
import { createDialogue } from "../settings/dialogue.ts";
import { fitRow } from "../settings/rows.ts";
import { runSettings } from "../settings/run.ts";
import { converse } from "../ui/converse.ts";
import type { Prompter } from "../ui/prompt.ts";
import type { Answers } from "./answers.ts";
import type { Setup } from "./setup.ts";

const later = "'pi-opensync settings init' sets up settings sync another time.";

/**
 * Asks whether pi's settings are to be the same on all machines, and has them so, up to the first
 * sync. Who has that already, or came for something that flags say, is not asked. Gives the exit code.
 */
export async function offerSettings({ answers, paths, env }: Setup): Promise<number> {
  if (hasFlags(answers) || (await mayHaveSettings(env, paths))) return exitCodes.well;
  const talked = await converse(later, async (prompter, signal) => {
    const question = "Keep pi's settings the same on all your machines, too?";
    if (!(await prompter.confirm(question, false))) return prompter.end(later);
    await setUp(prompter, signal);
  });
  return "exitCode" in talked ? talked.exitCode : exitCodes.well;
}

async function setUp(prompter: Prompter, signal: AbortSignal): Promise<void> {
  const dialogue = createDialogue({}, async () => prompter);
  const run = (name: SettingsCommandName): Promise<Report> =>
    runSettings(name, { ...noOptions, signal }, dialogue);
  const show = (title: string, lines: readonly string[]): void =>
    prompter.show(
      title,
      lines.map((line) => fitRow(line, prompter.width)),
    );
  const chosen = await run("init");
  show("Settings", chosen.lines);
  const first = chosen.document["needsChoice"] ? await askWhose(dialogue) : "sync";
  if (first === undefined) return prompter.end("Both sides are as they were.");
  const { lines } = await run(first);
  show("Done", lines);
  prompter.end("Ready.");
}

function askWhose(dialogue: Dialogue): Promise<"pull" | "push" | undefined> {
  const choices = [
    { value: "pull", label: "Take those of the storage" },
    { value: "push", label: "Send those of this machine" },
    { value: "later", label: "Neither for now" },
  ] as const;
  return dialogue
    .choose("This machine and the storage have other settings. What now?", choices)
    .then((choice) => (choice === "later" ? undefined : choice));
}

const noOptions: Omit<CommandOptions, "signal"> = {
  words: [],
  yes: false,
  force: false,
  stale: false,
  dryRun: false,
};

function hasFlags({ fields, ...answers }: Answers): boolean {
  const given = Object.values(answers).some((answer) => answer !== undefined && answer !== false);
  return given || Object.keys(fields).length > 0;
}
