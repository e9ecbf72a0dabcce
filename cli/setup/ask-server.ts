import { AppError } from "../../lib/errors.ts";
import { describeKey } from "../../lib/config/secret.ts";
import { hostedBaseUrl } from "../../lib/opensync/base-url.ts";
import { OpenSyncError } from "../../lib/opensync/failure.ts";
import type { CheckAnswer, Choice, Prompter } from "../ui/prompt.ts";
import { takeLocal, takeSibling } from "./answers.ts";
import { checkServer } from "./plan.ts";
import type { ServerCheck, SetupPlan } from "./plan.ts";
import { checkTools } from "./setup.ts";
import type { Setup } from "./setup.ts";
import { describeTarget } from "./words.ts";

/** A run of setup with a person to ask. */
export interface Dialogue extends Setup {
  prompter: Prompter;
  /** Aborted where the person ends it between two questions. */
  signal: AbortSignal;
}

/** Asks for what is missing of server and key. */
export async function askServer(dialogue: Dialogue): Promise<void> {
  const { plan, answers } = dialogue;
  const { url } = plan.draft.config();
  const isAnswered = answers.local || answers.from !== undefined;
  if (isAnswered) return;
  if (url === undefined) await chooseServer(dialogue);
  else if (answers.url !== undefined && answers.apiKey === undefined) await askKey(dialogue);
  if (!plan.isLocal && plan.draft.config().apiKey === undefined) await askKey(dialogue);
}

/** Lets the person choose another server. */
export async function chooseServer(dialogue: Dialogue): Promise<void> {
  const { prompter, facts } = dialogue;
  if (isLocked(dialogue, "url")) return;
  const siblings = facts.siblings.map(({ plugin, url, apiKey }) => ({
    value: `from ${plugin}`,
    label: `As ${plugin} does`,
    hint: `${url}, key ${describeKey(apiKey)}`,
  }));
  const chosen = await prompter.choose("Where do your sessions go to?", [
    ...siblings,
    { value: "hosted", label: "OpenSync at opensync.dev", hint: "needs an account" },
    { value: "own", label: "A server of your own" },
    { value: "local", label: "This machine, no account", hint: "nothing leaves it" },
  ]);
  try {
    await takeChoice(chosen, dialogue);
  } catch (error) {
    if (!(error instanceof AppError) || error.code === "cancelled") throw error;
    prompter.fail(error.message, error.hint);
    await chooseServer(dialogue);
  }
}

async function takeChoice(chosen: string, dialogue: Dialogue): Promise<void> {
  const { prompter, plan, facts } = dialogue;
  if (chosen === "local") return takeLocal(plan);
  if (chosen.startsWith("from ")) return takeSibling(plan, facts, chosen.slice("from ".length));
  plan.isLocal = false;
  if (chosen === "own") {
    await askUrl(dialogue);
  } else {
    plan.draft.set("url", hostedBaseUrl);
    prompter.say(keyPlace);
  }
  return askKey(dialogue);
}

const keyPlace =
  "The key is under Settings at https://www.opensync.dev. A new key there replaces the old one, also for other plugins.";

/** Asks the server, and lets the person mend what speaks against it. */
export async function settleServer(dialogue: Dialogue): Promise<ServerCheck> {
  const { prompter, plan, paths, env, answers, signal } = dialogue;
  if (answers.skipCheck) return { isWaiting: plan.isLocal };
  for (;;) {
    prompter.say(`Checking ${plan.draft.config().url} and the key. This writes nothing there.`);
    const check = await checkServer(plan, paths, checkTools(env, signal));
    const { trouble } = check;
    if (trouble === undefined) {
      if (check.isWaiting) prompter.say("The server on this machine does not run yet.");
      else prompter.success(`OpenSync answers at ${describeTarget(plan)}, and takes the key.`);
      return check;
    }
    prompter.fail(trouble.message, trouble.hint);
    const next = await prompter.choose("What now?", nextSteps(trouble));
    if (next === "anyway") return check;
    if (next === "server") await chooseServer(dialogue);
    if (next === "address") await askUrl(dialogue);
    if (next === "key") await askKey(dialogue);
  }
}

type NextStep = "again" | "address" | "key" | "server" | "anyway";

/** What is likely to help comes first. */
function nextSteps(trouble: Error): Choice<NextStep>[] {
  const isKey = trouble instanceof OpenSyncError && trouble.kind === "unauthorised";
  const again = { value: "again", label: "Try again" } as const;
  const address = { value: "address", label: "Type another address" } as const;
  const key = { value: "key", label: "Type another key" } as const;
  const first = isKey ? [key, address, again] : [again, address, key];
  return [
    ...first,
    { value: "server", label: "Choose another place" },
    { value: "anyway", label: "Use it all the same", hint: "what can't be sent waits" },
  ];
}

async function askUrl(dialogue: Dialogue): Promise<void> {
  if (isLocked(dialogue, "url")) return;
  const { prompter, plan } = dialogue;
  plan.isLocal = false;
  await prompter.ask("The server's address, as you find it in the browser", {
    example: "https://….convex.site",
    check: checkField(plan, "url", "Type or paste the address."),
  });
}

async function askKey(dialogue: Dialogue): Promise<void> {
  if (isLocked(dialogue, "apiKey")) return;
  const { prompter, plan } = dialogue;
  await prompter.askSecret(
    "API key (or $NAME of a variable, or !command that prints it)",
    checkField(plan, "apiKey", "Type or paste the key. It starts with osk_."),
  );
}

/** Whether a variable of the environment sets a field, which is said then: no answer would count. */
function isLocked({ prompter, plan }: Dialogue, field: "url" | "apiKey"): boolean {
  const { lockedBy, label, shown } = plan.draft.field(field);
  if (lockedBy === undefined) return false;
  prompter.warn(`${label} is set by the environment: ${shown}.`);
  return true;
}

/** Takes an answer into the draft where it can be used. */
function checkField({ draft }: SetupPlan, field: "url" | "apiKey", whenEmpty: string): CheckAnswer {
  return (typed) => {
    if (typed === "") return whenEmpty;
    draft.set(field, typed);
    return draft.field(field).problem;
  };
}
