import { AppError } from "../../errors.ts";
import type { Config } from "../../config/schema.ts";
import type { Target } from "../../config/load.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Env, Paths } from "../../platform/paths.ts";
import type { SessionFile } from "../../session/discover.ts";
import { cursorState } from "../../sync/cursor.ts";
import { openJournal } from "../../sync/journal.ts";
import type { Journal } from "../../sync/journal.ts";
import { createProjectFilter } from "../../sync/project-filter.ts";
import { openSurvey, sessionStates } from "../../sync/survey.ts";
import type { SessionState, Survey } from "../../sync/survey.ts";
import { cursorsDir } from "../../sync/target.ts";

/** How far the sessions of this machine got with a server. */
export interface ProgressFacts {
  sessions: Record<SessionState, number>;
  /** Messages that the server has. */
  messages: number;
  /** Why the last of those that failed did. */
  lastReason?: string;
  /** When the server last had all of a session, in Unix milliseconds. */
  lastSuccessAtMs?: number;
  /** Why the cursors can't be read; nothing is known then. */
  problem?: string;
}

/** Whose progress is looked at. */
export interface ProgressOptions {
  env: Env;
  paths: Paths;
  config: Config;
  target: Target;
  clock: Clock;
}

/** Finds out how it stands with each session, without asking the server. */
export async function lookAtProgress(
  files: readonly SessionFile[],
  { env, paths, config, target, clock }: ProgressOptions,
): Promise<ProgressFacts> {
  const { exclude, metadataOnly } = config;
  const facts: ProgressFacts = { sessions: countNothing(), messages: 0 };
  try {
    const dir = cursorsDir(paths.stateDir, { ...target, metadataOnly });
    const journal = openJournal(dir, clock);
    try {
      const leaveOut = createProjectFilter({ env, exclude, only: [] });
      // Titles are not looked at.
      const survey = openSurvey({ journal, leaveOut, clean: (text) => text });
      return await countSessions(files, journal, survey, facts);
    } finally {
      journal.close();
    }
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { ...facts, problem: error.message };
  }
}

async function countSessions(
  files: readonly SessionFile[],
  journal: Journal,
  survey: Survey,
  facts: ProgressFacts,
): Promise<ProgressFacts> {
  for (const file of files) {
    const { state, reason } = await survey.look(file);
    facts.sessions[state] += 1;
    if (state === "failed" && reason !== undefined) facts.lastReason = reason;
    facts.messages += cursorState(journal.get(file.path))?.messages ?? 0;
  }
  const lastSuccessAtMs = journal.lastSuccessAt();
  return lastSuccessAtMs === undefined ? facts : { ...facts, lastSuccessAtMs };
}

function countNothing(): Record<SessionState, number> {
  const counts = sessionStates.map((state) => [state, 0] as const);
  return Object.fromEntries(counts) as Record<SessionState, number>;
}
