import type { ParsedArgs } from "citty";

import { AppError } from "../../lib/errors.ts";
import { createOpenSyncClient } from "../../lib/opensync/client.ts";
import { createPace } from "../../lib/opensync/pace.ts";
import { systemClock } from "../../lib/platform/clock.ts";
import { resolvePaths } from "../../lib/platform/paths.ts";
import { findSessionFiles } from "../../lib/session/discover.ts";
import { selectFiles } from "../../lib/sync/select.ts";
import type { Selection } from "../../lib/sync/select.ts";
import type { Summary } from "../../lib/sync/summary.ts";
import { defineCommand } from "../command.ts";
import { loadConfig, requireTarget } from "../configuration.ts";
import { exitCodeOf, exitCodes } from "../exit-code.ts";
import { catchInterrupts } from "../interrupt.ts";
import { runBackfill } from "../sync/run-backfill.ts";
import { commonFlags } from "../ui/flags.ts";
import { createMessages } from "../ui/messages.ts";
import { createProgress } from "../ui/progress.ts";
import { showRedactions } from "../ui/redactions.ts";
import { renderSummary, toJson } from "../ui/summary.ts";
import { parseCountFlag, parseTimeFlag } from "../ui/values.ts";

/** More requests than this in flight of one user only meet each other's conflicts. */
const concurrencyDefault = 8;

const flags = {
  sessions: { type: "string", valueHint: "DIR", description: "Look for sessions here alone" },
  session: { type: "string", valueHint: "ID|FILE", description: "This session alone" },
  project: { type: "string", valueHint: "GLOB,…", description: "Projects in these folders alone" },
  exclude: { type: "string", valueHint: "GLOB,…", description: "No projects in these folders" },
  since: { type: "string", valueHint: "DATE|7d", description: "Sessions that went on since then" },
  until: { type: "string", valueHint: "DATE|7d", description: "Sessions that ended by then" },
  limit: {
    type: "string",
    valueHint: "N",
    description: "So many sessions at the most, latest first",
  },
  concurrency: {
    type: "string",
    valueHint: "N",
    description: "Requests in flight at the most (8)",
  },
  "dry-run": { type: "boolean", description: "Send nothing, say what would be sent" },
  show: { type: "boolean", description: "With --dry-run: list the secrets it replaces, masked" },
  force: { type: "boolean", description: "Send everything again, whatever was sent before" },
  verify: { type: "boolean", description: "Compare with what the server has, and repair it" },
  ...commonFlags,
} as const;

/** `pi-opensync backfill`: sends what the server does not have of the sessions on this machine. */
export const backfillCommand = defineCommand({
  flags,
  examples: [
    ["pi-opensync backfill --dry-run", "what would be sent"],
    ["pi-opensync backfill --dry-run --show", "and which secrets would be replaced"],
    ["pi-opensync backfill", "send it"],
    ["pi-opensync backfill --since 7d", "the sessions of the last week"],
    ["pi-opensync backfill --project '~/work/**'", "the sessions of some projects"],
    ["pi-opensync backfill --json", "the outcome for a program"],
  ],
  run,
});

async function run(args: ParsedArgs<typeof flags>): Promise<number> {
  const isDryRun = args["dry-run"] === true;
  if (args.show && !isDryRun) throw new AppError("usage", "--show goes with --dry-run");
  const selection = readSelection(args);
  const concurrency = args.concurrency
    ? parseCountFlag("--concurrency", args.concurrency)
    : concurrencyDefault;
  const isSilent = args.quiet === true || args.json === true;
  const messages = createMessages({ quiet: isSilent, verbose: args.verbose === true });
  const progress = createProgress(process.stderr, isSilent || args.show === true);

  const { env } = process;
  const paths = resolvePaths(env);
  const { config, warnings } = await loadConfig(env, paths);
  for (const { message, hint } of warnings) messages.warn(`${message} ${hint}`);
  const target = await requireTarget(config, env);
  const found = findSessionFiles({ env, cwd: process.cwd(), sessionsDir: args.sessions });
  for (const { path, reason } of found.problems) messages.warn(`${path}: ${reason}`);
  const files = selectFiles(found.files, selection);
  if (args.session && files.length === 0) {
    throw new AppError(
      "usage",
      `there is no session '${args.session}' in ${rootsOf(args.sessions)}`,
    );
  }

  using interrupt = catchInterrupts(() => {
    progress.end();
    messages.info("Ending after the request in flight. Ctrl-C again ends at once.");
  });
  const client = createOpenSyncClient({
    ...target,
    fetch: globalThis.fetch,
    clock: systemClock,
    pace: createPace(systemClock, concurrency),
    onRetry: ({ error, delayMs }) => {
      messages.debug(`${error.message} Trying again in ${Math.ceil(delayMs / 1000)} s.`);
    },
  });
  const { summary, messagesUnchanged } = await runBackfill({
    env,
    paths,
    config,
    destination: { ...target, client },
    files,
    projects: { only: listOf(args.project), not: listOf(args.exclude) },
    // Some sessions always wait before they try again; others go on meanwhile.
    lanes: 2 * concurrency,
    force: args.force === true,
    verify: args.verify === true,
    dryRun: isDryRun,
    countUnchanged: args.json === true,
    signal: interrupt.signal,
    onEvent: (event) => {
      progress.show(event);
      if (args.show) showRedactions(event, messages);
      if (event.type === "session-started") messages.debug(`${event.path}: ${event.title}`);
    },
  });
  progress.end();
  process.stdout.write(
    args.json
      ? `${JSON.stringify(toJson(summary, messagesUnchanged))}\n`
      : renderSummary(summary, isDryRun),
  );
  const interrupted = interrupt.exitCode();
  if (interrupted !== undefined) {
    messages.info("Stopped. What was sent is remembered; the same command goes on from there.");
  }
  if (summary.error !== undefined && !args.json) tellEnd(summary, messages);
  return interrupted ?? outcomeOf(summary);
}

function readSelection(args: ParsedArgs<typeof flags>): Selection {
  const now = systemClock.now();
  return {
    session: args.session,
    since: args.since ? parseTimeFlag("--since", args.since, now) : undefined,
    until: args.until ? parseTimeFlag("--until", args.until, now) : undefined,
    limit: args.limit ? parseCountFlag("--limit", args.limit) : undefined,
  };
}

function listOf(globs: string | undefined): string[] {
  return (globs ?? "")
    .split(",")
    .map((glob) => glob.trim())
    .filter((glob) => glob !== "");
}

function rootsOf(sessionsDir: string | undefined): string {
  return sessionsDir ?? "pi's session folders";
}

/** Says why a run ended early, with what to do next. */
function tellEnd({ error }: Summary, messages: ReturnType<typeof createMessages>): void {
  if (!(error instanceof AppError)) return;
  messages.error(error.message);
  if (error.hint) messages.log(`  ${error.hint}`);
}

function outcomeOf({ error, failed, refused, sessions }: Summary): number {
  if (error !== undefined) return exitCodeOf(error);
  if (failed.length === 0 && refused.length === 0) return exitCodes.well;
  return failed.length === sessions.found ? exitCodes.failure : exitCodes.partlyFailed;
}
