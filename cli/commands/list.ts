import type { ParsedArgs } from "citty";

import { coversProject } from "../../lib/config/project-glob.ts";
import { AppError } from "../../lib/errors.ts";
import { systemClock } from "../../lib/platform/clock.ts";
import type { SessionFile } from "../../lib/session/discover.ts";
import { suggest } from "../../lib/suggest.ts";
import { sessionStates } from "../../lib/sync/survey.ts";
import type { SessionState, Survey } from "../../lib/sync/survey.ts";
import { defineCommand } from "../command.ts";
import { openContext } from "../context.ts";
import { exitCodes } from "../exit-code.ts";
import { findSessions } from "../sync/find-sessions.ts";
import { openSurveyOfAny } from "../sync/survey.ts";
import { commonFlags } from "../ui/flags.ts";
import { renderList } from "../ui/list.ts";
import type { ListedSession } from "../ui/list.ts";
import { parseCountFlag, parseListFlag, parseTimeFlag } from "../ui/values.ts";
import { outputWidth } from "../ui/width.ts";

/** A screen or two. Programs get all, unless they ask for less. */
const limitDefault = 50;

const flags = {
  project: { type: "string", valueHint: "GLOB,…", description: "Projects in these folders alone" },
  since: { type: "string", valueHint: "DATE|7d", description: "Sessions that went on since then" },
  until: { type: "string", valueHint: "DATE|7d", description: "Sessions that ended by then" },
  state: {
    type: "string",
    valueHint: "STATE,…",
    description: `Sessions in these states alone: ${sessionStates.join(", ")}`,
  },
  limit: {
    type: "string",
    valueHint: "N",
    description: `So many at the most, latest first (${limitDefault}; with --json: all)`,
  },
  ...commonFlags,
} as const;

type Args = ParsedArgs<typeof flags>;

/** `pi-opensync list`: the sessions of this machine, and how it stands with each. */
export const listCommand = defineCommand({
  flags,
  examples: [
    ["pi-opensync list", "the latest sessions"],
    ["pi-opensync list --state failed,waiting", "what is not on the server, and why"],
    ["pi-opensync list --project '~/work/**' --since 7d", "of some projects, of the last week"],
    ["pi-opensync list --json", "all of them, for a program"],
  ],
  run,
});

async function run(args: Args): Promise<number> {
  const now = systemClock.now();
  const since = args.since ? parseTimeFlag("--since", args.since, now) : undefined;
  const until = args.until ? parseTimeFlag("--until", args.until, now) : undefined;
  const states = parseStates(args.state);
  const limit = args.limit
    ? parseCountFlag("--limit", args.limit)
    : args.json
      ? Infinity
      : limitDefault;

  const context = await openContext(args);
  using server = await openSurveyOfAny(context);
  const files = await findSessions({ since, until }, context.messages);
  const { sessions, isAll } = await listSessions(files, server.survey, {
    states,
    projects: parseListFlag("--project", args.project),
    limit,
  });
  process.stdout.write(
    args.json
      ? `${JSON.stringify({ schemaVersion: 1, sessions: sessions.map(toJson) })}\n`
      : renderList(sessions, now, outputWidth()),
  );
  if (sessions.length === 0) context.messages.info("There are no such sessions.");
  if (!isAll) context.messages.info(`There may be more than these: --limit ${2 * limit}`);
  return exitCodes.well;
}

/** @throws AppError "usage" */
function parseStates(text: string | undefined): readonly SessionState[] {
  if (text === undefined) return sessionStates;
  return parseListFlag("--state", text).map((word) => {
    const state = sessionStates.find((known) => known === word);
    if (state !== undefined) return state;
    const near = suggest(word, sessionStates);
    throw new AppError("usage", `--state is none of the states: '${word}'`, {
      hint: near ? `Did you mean '${near}'?` : `They are ${sessionStates.join(", ")}.`,
    });
  });
}

interface Filter {
  states: readonly SessionState[];
  projects: readonly string[];
  limit: number;
}

/** Goes through the sessions, latest first, and opens a file only where the journal does not tell. */
async function listSessions(
  files: readonly SessionFile[],
  survey: Survey,
  { states, projects, limit }: Filter,
): Promise<{ sessions: ListedSession[]; isAll: boolean }> {
  const sessions: ListedSession[] = [];
  for (const file of files.toSorted((a, b) => b.mtimeMs - a.mtimeMs)) {
    const known = survey.recall(file);
    if (known && !states.includes(known.state)) continue;
    if (sessions.length === limit) return { sessions, isAll: false };
    const standing = known ?? (await survey.look(file));
    if (!states.includes(standing.state)) continue;
    const facts = await survey.describe(file);
    const { cwd = "" } = facts ?? {};
    if (projects.length > 0 && !coversProject(cwd, projects, process.env)) continue;
    sessions.push({ ...file, ...facts, ...standing });
  }
  return { sessions, isAll: true };
}

function toJson(session: ListedSession): Record<string, unknown> {
  const { cwd, externalId, mtimeMs, path, reason, size, state, title } = session;
  const updatedAt = new Date(mtimeMs).toISOString();
  return { path, externalId, title, project: cwd, updatedAt, size, state, reason };
}
