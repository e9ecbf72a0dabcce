import { AppError } from "../../lib/errors.ts";
import type { ConfigField } from "../../lib/config/schema.ts";
import { resolveSource } from "../../lib/pi/registration.ts";
import type { Env } from "../../lib/platform/paths.ts";
import type { SetupFacts } from "./facts.ts";
import { localUrl } from "./plan.ts";
import type { SetupPlan } from "./plan.ts";

/** What to do about the sessions that are there already. */
export type BackfillAnswer = "no" | "dry-run" | "yes";

/** What flags say. What is undefined is asked, or left as it is. */
export interface Answers {
  url?: string | undefined;
  apiKey?: string | undefined;
  local?: boolean | undefined;
  /** The plugin whose server and key are taken over. */
  from?: string | undefined;
  /** The text of fields of our configuration. */
  fields: Partial<Record<ConfigField, string>>;
  register?: boolean | undefined;
  source?: string | undefined;
  removeOlder?: boolean | undefined;
  skipCheck: boolean;
  backfill?: BackfillAnswer | undefined;
}

/**
 * A plan with the answers that flags gave, and else all as it is, but that our package is registered.
 *
 * @throws AppError "usage" or "config" where an answer can't be used
 */
export async function planFrom(
  answers: Answers,
  facts: SetupFacts,
  where: { env: Env; cwd: string },
): Promise<SetupPlan> {
  const { source } = answers;
  const plan: SetupPlan = {
    draft: facts.draft,
    isLocal: false,
    isRegistering: answers.register ?? facts.settingsTrouble === undefined,
    source: source === undefined ? undefined : await resolveSource(source, where.cwd, where.env),
    isRemovingOlder: answers.removeOlder === true,
  };
  const { settingsTrouble } = facts;
  if (settingsTrouble && (answers.register || source !== undefined)) throw settingsTrouble;
  if (answers.local) takeLocal(plan);
  if (answers.from !== undefined) takeSibling(plan, facts, answers.from);
  if (answers.url !== undefined) takeField(plan, "url", answers.url);
  if (answers.apiKey !== undefined) takeField(plan, "apiKey", answers.apiKey);
  for (const [field, text] of Object.entries(answers.fields)) {
    takeField(plan, field as ConfigField, text);
  }
  return plan;
}

/** Sessions stay on this machine. @throws AppError "usage" where a variable says otherwise */
export function takeLocal(plan: SetupPlan): void {
  requireFree(plan, "apiKey");
  takeField(plan, "url", localUrl);
  plan.isLocal = true;
}

/**
 * Takes server, key and settings of another plugin.
 *
 * @throws AppError "usage" where there is no such plugin, "config" where its server can't be used
 */
export function takeSibling(plan: SetupPlan, { siblings }: SetupFacts, plugin: string): void {
  const sibling = siblings.find((config) => config.plugin === plugin);
  if (!sibling) {
    const names = siblings.map((config) => config.plugin).join(", ");
    throw new AppError("usage", `There is no server and key of '${plugin}' on this machine.`, {
      hint: names === "" ? "Give --url and --key-stdin." : `There are those of: ${names}.`,
    });
  }
  plan.isLocal = false;
  takeField(plan, "url", sibling.url);
  takeField(plan, "apiKey", sibling.apiKey);
  for (const [field, value] of Object.entries(sibling.settings)) {
    if (plan.draft.field(field as ConfigField).lockedBy !== undefined) continue;
    takeField(plan, field as ConfigField, String(value));
  }
}

/**
 * Sets a field of the configuration.
 *
 * @throws AppError "usage" where a variable of the environment sets it, "config" where it can't be used
 */
function takeField({ draft }: SetupPlan, field: ConfigField, text: string): void {
  requireFree({ draft }, field);
  draft.set(field, text);
  const { problem } = draft.field(field);
  if (problem !== undefined) throw new AppError("config", problem);
}

function requireFree({ draft }: Pick<SetupPlan, "draft">, field: ConfigField): void {
  const { lockedBy, label } = draft.field(field);
  if (lockedBy === undefined) return;
  throw new AppError("usage", `${label} is set by the variable ${lockedBy}.`, {
    hint: `What setup writes would have no effect. Unset ${lockedBy} where pi is started, and here.`,
  });
}
