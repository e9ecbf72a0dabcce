import type { Prompter } from "../ui/prompt.ts";
import { askServer, chooseServer, settleServer } from "./ask-server.ts";
import type { Dialogue } from "./ask-server.ts";
import type { ServerCheck, SetupPlan } from "./plan.ts";
import {
  describeFacts,
  describeOptions,
  describePlan,
  listWarnings,
  needsRegistration,
  optionFlags,
  whatIsSent,
} from "./words.ts";

/** What came of the questions. */
export interface Asked {
  check: ServerCheck;
  /** Whether something is to be written. */
  isWanted: boolean;
  /** False where the person does not want what was to be written. */
  isReady: boolean;
}

/** Asks a person for the plan: all of it the first time, and then what is to be changed. */
export async function askForPlan(dialogue: Dialogue): Promise<Asked> {
  const { prompter, plan, facts } = dialogue;
  prompter.show("On this machine", describeFacts(facts));
  for (const warning of listWarnings(facts)) prompter.warn(warning);
  const { url, apiKey } = plan.draft.config();
  const isNew = url === undefined || apiKey === undefined;
  if (isNew) prompter.show("What is sent", whatIsSent);
  await askServer(dialogue);
  if (!isNew) await askForChanges(dialogue);
  const check = await settleServer(dialogue);
  if (isNew) await askOptions(dialogue);
  await askAboutPi(dialogue);
  const changes = describePlan(plan, facts);
  if (changes.length === 0) return { check, isWanted: false, isReady: true };
  prompter.show("To be written", changes);
  const isWanted = await prompter.confirm("Go ahead?");
  return { check, isWanted, isReady: isWanted };
}

/** Where there is a configuration, what of it is to be changed. */
async function askForChanges(dialogue: Dialogue): Promise<void> {
  const { prompter, plan, answers } = dialogue;
  const isAsked = (): boolean =>
    plan.isLocal || Object.keys(plan.draft.changes()).length > 0 || answers.register !== undefined;
  // What flags say is what the person came for.
  if (isAsked()) return;
  for (;;) {
    const chosen = await prompter.choose("Do you want to change anything?", [
      { value: "no", label: "No, go on" },
      { value: "server", label: "Server and key" },
      { value: "key", label: "What is sent", hint: "tool calls, thinking, secrets, projects" },
    ]);
    if (chosen === "no") return;
    if (chosen === "server") await chooseServer(dialogue);
    else await changeOptions(prompter, plan);
  }
}

async function askOptions({ prompter, plan, answers }: Dialogue): Promise<void> {
  if (Object.keys(answers.fields).length > 0) return;
  prompter.show("Unless you want it otherwise", describeOptions(plan.draft));
  if (await prompter.confirm("Keep it so?")) return;
  await changeOptions(prompter, plan);
}

type OptionFlag = keyof typeof optionFlags;

async function changeOptions(prompter: Prompter, { draft }: SetupPlan): Promise<void> {
  const flags = (Object.keys(optionFlags) as OptionFlag[]).filter(
    (field) => draft.field(field).lockedBy === undefined,
  );
  const chosen = await prompter.chooseSome(
    "What do you want? Space switches, Enter takes it",
    flags.map((value) => ({ value, label: optionFlags[value] })),
    flags.filter((field) => draft.config()[field]),
  );
  for (const field of flags) draft.set(field, String(chosen.includes(field)));
  const { lockedBy, text } = draft.field("exclude");
  if (lockedBy !== undefined) return;
  await prompter.ask("Projects to leave out, with commas between them (none: just Enter)", {
    initial: text,
    example: "~/private/**, ~/work/secret",
    check(typed) {
      draft.set("exclude", typed);
      return draft.field("exclude").problem;
    },
  });
}

async function askAboutPi({ prompter, plan, facts, answers }: Dialogue): Promise<void> {
  if (facts.settingsTrouble !== undefined) return;
  if (answers.register === undefined && needsRegistration(plan, facts)) {
    plan.isRegistering = await prompter.confirm(
      "Let pi load pi-opensync, to send sessions while it runs?",
    );
  }
  const removable = facts.older.some(({ place }) => place !== "folder");
  if (removable && answers.removeOlder === undefined) {
    plan.isRemovingOlder = await prompter.confirm(
      "The older plugin pi-opensync-plugin would send every session once more. Take it out of pi?",
    );
  }
}
