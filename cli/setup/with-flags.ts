import { AppError } from "../../lib/errors.ts";
import { exitCodes } from "../exit-code.ts";
import { catchInterrupts } from "../interrupt.ts";
import { createMessages } from "../ui/messages.ts";
import { runBackfill } from "./backfill.ts";
import { applyPlan, checkServer } from "./plan.ts";
import type { ServerCheck, SetupResult } from "./plan.ts";
import { checkTools } from "./setup.ts";
import type { Setup } from "./setup.ts";
import { describeResult, listNextSteps, listWarnings, toJson } from "./words.ts";

/** How to tell what was done. */
interface Telling {
  json?: boolean | undefined;
  quiet?: boolean | undefined;
}

/**
 * Sets up what flags say, without a question. Gives the exit code.
 *
 * @throws AppError "not-configured" where flags leave open what can't be guessed, and what speaks
 * against the server or the key; nothing is written then
 */
export async function setUpWithFlags(setup: Setup, { json, quiet }: Telling): Promise<number> {
  const { answers, facts, plan, paths, env } = setup;
  requireServer(setup);
  const messages = createMessages({ quiet: quiet === true || json === true, verbose: false });
  for (const warning of listWarnings(facts)) messages.warn(warning);
  if (facts.older.some(({ place }) => place !== "folder") && !plan.isRemovingOlder) {
    messages.warn(
      "pi loads pi-opensync-plugin too, which sends every session once more. --remove-older yes takes it out.",
    );
  }
  let check: ServerCheck;
  let result: SetupResult;
  {
    using interrupt = catchInterrupts(() => {});
    check = await checkUnlessSkipped(setup, interrupt.signal);
    const exitCode = interrupt.exitCode();
    if (exitCode !== undefined) return exitCode;
    if (check.trouble) throw check.trouble;
    result = await applyPlan(plan, paths, env);
  }
  const lines = [...describeResult(result, plan.draft), ...listNextSteps(plan, check)];
  process.stdout.write(
    json ? `${JSON.stringify(toJson(plan, facts, check, result))}\n` : `${lines.join("\n")}\n`,
  );
  const { backfill = "no" } = answers;
  return backfill === "no" ? exitCodes.well : runBackfill(backfill);
}

function requireServer({ answers, plan: { draft, isLocal } }: Setup): void {
  if (isLocal || answers.from !== undefined) return;
  const { url, apiKey } = draft.config();
  if (url === undefined) {
    throw new AppError("not-configured", "There is no server yet.", {
      hint: "Give --url with --key-stdin, or --local, or --from with the name of another OpenSync plugin.",
    });
  }
  const hint =
    "Give it with --key-stdin: pass show opensync | pi-opensync setup --yes … --key-stdin";
  if (apiKey === undefined) throw new AppError("not-configured", "There is no key yet.", { hint });
  const isOtherServer = answers.apiKey === undefined && "url" in draft.changes();
  if (isOtherServer && draft.field("apiKey").lockedBy === undefined) {
    throw new AppError("usage", "The key that is there belongs to another server.", { hint });
  }
}

async function checkUnlessSkipped(
  { answers, plan, paths, env }: Setup,
  signal: AbortSignal,
): Promise<ServerCheck> {
  if (answers.skipCheck) return { isWaiting: plan.isLocal };
  try {
    return await checkServer(plan, paths, checkTools(env, signal));
  } catch (error) {
    if (signal.aborted) return { isWaiting: false };
    throw error;
  }
}
