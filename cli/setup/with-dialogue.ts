import { exitCodes } from "../exit-code.ts";
import { converse } from "../ui/converse.ts";
import type { Prompter } from "../ui/prompt.ts";
import { version } from "../version.ts";
import { askForPlan } from "./ask.ts";
import { offerBackfill } from "./backfill.ts";
import { offerSettings } from "./offer-settings.ts";
import { applyPlan } from "./plan.ts";
import type { ServerCheck } from "./plan.ts";
import type { Setup } from "./setup.ts";
import { describeResult, listNextSteps } from "./words.ts";

/** Sets up what a person at the terminal wants. Gives the exit code. */
export async function setUpWithDialogue(setup: Setup): Promise<number> {
  const talked = await converse("Nothing was changed.", async (prompter, signal) => {
    prompter.begin(`pi-opensync ${version}: set up`);
    const asked = await askForPlan({ ...setup, prompter, signal });
    if (asked.isWanted) await apply(setup, prompter);
    if (!asked.isReady) return end(prompter, "Nothing was changed.");
    prompter.show("Next", listNextSteps(setup.plan, asked.check));
    return canSend(setup, asked.check) || end(prompter, "Ready.");
  });
  if ("exitCode" in talked) return talked.exitCode;
  const exitCode = talked.value ? await offerBackfill(setup) : exitCodes.well;
  return exitCode === exitCodes.well ? offerSettings(setup) : exitCode;
}

async function apply({ plan, paths, env }: Setup, prompter: Prompter): Promise<void> {
  const result = await applyPlan(plan, paths, env);
  prompter.show("Done", describeResult(result, plan.draft));
}

/** Says the last word; nothing is to be sent then. */
function end(prompter: Prompter, text: string): false {
  prompter.end(text);
  return false;
}

/** Whether there is something to send, and a server that takes it. */
function canSend({ facts }: Setup, { isWaiting, trouble }: ServerCheck): boolean {
  return facts.sessionCount > 0 && !isWaiting && trouble === undefined;
}
