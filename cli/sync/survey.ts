import { noTarget, requireTarget } from "../../lib/config/load.ts";
import type { Target } from "../../lib/config/load.ts";
import { systemClock } from "../../lib/platform/clock.ts";
import { loadRedactor } from "../../lib/redact/load-redactor.ts";
import { openJournal } from "../../lib/sync/journal.ts";
import type { Journal } from "../../lib/sync/journal.ts";
import { createProjectFilter } from "../../lib/sync/project-filter.ts";
import { openSurvey } from "../../lib/sync/survey.ts";
import type { Survey } from "../../lib/sync/survey.ts";
import { cursorsDir } from "../../lib/sync/target.ts";
import type { Context } from "../context.ts";

/** A survey of the sessions that go to one server. */
export interface ServerSurvey extends Disposable {
  target: Target;
  journal: Journal;
  survey: Survey;
}

/** Opens the survey of the server that is configured; of none, where nothing is sent yet. */
export async function openSurveyOfAny(context: Context): Promise<ServerSurvey> {
  const { config, env } = context;
  return openFor(context, config.url === undefined ? noTarget : await requireTarget(config, env));
}

/**
 * Opens the survey of the server that is configured.
 *
 * @throws AppError "not-configured" or "config" where there is none
 */
export async function openServerSurvey(context: Context): Promise<ServerSurvey> {
  return openFor(context, await requireTarget(context.config, context.env));
}

async function openFor(context: Context, target: Target): Promise<ServerSurvey> {
  const { config, env, paths } = context;
  const { metadataOnly } = config;
  const journal = openJournal(cursorsDir(paths.stateDir, { ...target, metadataOnly }), systemClock);
  const survey = openSurvey({
    journal,
    clean: await loadClean(context, target.apiKey),
    leaveOut: createProjectFilter({ env, exclude: config.exclude, only: [] }),
  });
  return { target, journal, survey, [Symbol.dispose]: () => journal.close() };
}

/** Titles are shown as they are sent. */
async function loadClean(
  { config, env, paths }: Context,
  apiKey: string,
): Promise<(text: string) => string> {
  if (!config.redact) return (text) => text;
  const redactor = await loadRedactor(env, paths.stateDir, apiKey);
  return (text) => redactor.redactText(text).value;
}
