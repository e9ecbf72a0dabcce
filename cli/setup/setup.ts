import type { CheckTools } from "../../lib/config/check.ts";
import type { Env, Paths } from "../../lib/platform/paths.ts";
import { systemClock } from "../../lib/platform/clock.ts";
import type { Answers } from "./answers.ts";
import type { SetupFacts } from "./facts.ts";
import type { SetupPlan } from "./plan.ts";

/** What a run of setup works with. */
export interface Setup {
  answers: Answers;
  facts: SetupFacts;
  plan: SetupPlan;
  paths: Paths;
  env: Env;
}

/** What a check of the server needs of the world. */
export function checkTools(env: Env, signal: AbortSignal): CheckTools {
  return { env, clock: systemClock, fetch: globalThis.fetch, signal };
}
