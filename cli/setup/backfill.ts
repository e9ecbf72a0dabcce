import type { ParsedArgs } from "citty";

import { exitCodes } from "../exit-code.ts";
import { converse } from "../ui/converse.ts";
import type { Conversation } from "../ui/converse.ts";
import { plural } from "../ui/format.ts";
import type { BackfillAnswer } from "./answers.ts";
import type { Setup } from "./setup.ts";

/**
 * Asks whether to send the sessions that are here, first to see what would be sent, and does it.
 * Flags may have answered already. Gives the exit code.
 */
export async function offerBackfill({ answers, facts }: Setup): Promise<number> {
  const first = await choose(answers.backfill, facts.sessionCount);
  if ("exitCode" in first) return first.exitCode;
  if (first.value === "no") return exitCodes.well;
  const exitCode = await runBackfill(first.value);
  if (exitCode !== exitCodes.well || first.value === "yes" || answers.backfill) return exitCode;
  const second = await converse(later, (prompter) => prompter.confirm("Send it now?"));
  if ("exitCode" in second) return second.exitCode;
  return second.value ? runBackfill("yes") : exitCodes.well;
}

/** Runs `pi-opensync backfill`, or a dry run of it. Gives its exit code. */
export async function runBackfill(kind: Exclude<BackfillAnswer, "no">): Promise<number> {
  const { backfillCommand } = await import("../commands/backfill.ts");
  const flags: unknown = { _: [], "dry-run": kind === "dry-run" };
  return backfillCommand.run(flags as ParsedArgs);
}

const later = "'pi-opensync backfill' sends them another time.";

/** What the flag says, or else the person. */
async function choose(
  given: BackfillAnswer | undefined,
  sessionCount: number,
): Promise<Conversation<BackfillAnswer>> {
  if (given !== undefined) return { value: given };
  return converse(later, async (prompter) => {
    const question = `${plural(sessionCount, "session")} of pi ${sessionCount === 1 ? "is" : "are"} here already. Send?`;
    const answer = await prompter.choose<BackfillAnswer>(question, [
      { value: "dry-run", label: "Show first what would be sent" },
      { value: "yes", label: "Send now" },
      { value: "no", label: "Not now" },
    ]);
    if (answer === "no") prompter.end(later);
    return answer;
  });
}
