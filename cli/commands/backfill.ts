import { existsSync } from "node:fs";

import type { ParsedArgs } from "citty";

import { maskKey } from "../../lib/config/secret.ts";
import { AppError } from "../../lib/errors.ts";
import type { OpenSyncClient } from "../../lib/opensync/client.ts";
import { systemClock } from "../../lib/platform/clock.ts";
import { resolvePaths } from "../../lib/platform/paths.ts";
import { describeSessionFile, findSessionFiles } from "../../lib/session/discover.ts";
import type { SessionFile } from "../../lib/session/discover.ts";
import { selectFiles } from "../../lib/sync/select.ts";
import type { Selection } from "../../lib/sync/select.ts";
import type { Summary } from "../../lib/sync/summary.ts";
import { defineCommand } from "../command.ts";
import { loadConfig, requireTarget } from "../../lib/config/load.ts";
import type { Target } from "../../lib/config/load.ts";
import { exitCodeOf, exitCodes } from "../exit-code.ts";
import { catchInterrupts } from "../interrupt.ts";
import { openSyncer } from "../sync/syncer.ts";
import { commonFlags } from "../ui/flags.ts";
import { createMessages } from "../ui/messages.ts";
import type { Messages } from "../ui/messages.ts";
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
    description: `Requests in flight at the most (${concurrencyDefault})`,
  },
  "dry-run": { type: "boolean", description: "Send nothing, say what would be sent" },
  show: { type: "boolean", description: "With --dry-run: list the secrets it replaces, masked" },
  force: { type: "boolean", description: "Send everything again, whatever was sent before" },
  verify: { type: "boolean", description: "Compare with what the server has, and repair it" },
  ...commonFlags,
} as const;

type Args = ParsedArgs<typeof flags>;

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

async function run(args: Args): Promise<number> {
  checkCombination(args);
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
  const isPreview = args["dry-run"] === true && !args.verify && config.url === undefined;
  const target = isPreview ? noTarget : await requireTarget(config, env);
  const files = await findFiles(args, selection, messages);

  using interrupt = catchInterrupts(() => {
    progress.end();
    messages.info("Ending after the request in flight. Ctrl-C again ends at once.");
  });
  using syncer = openSyncer({
    env,
    paths,
    config,
    target,
    openClient: () => openClient(target, concurrency, messages),
    projects: { only: listOf(args.project), not: listOf(args.exclude) },
    // Some sessions always wait before they try again; others go on meanwhile.
    lanes: args["dry-run"] ? 1 : 2 * concurrency,
    force: args.force === true,
    verify: args.verify === true,
    dryRun: args["dry-run"] === true,
    signal: interrupt.signal,
  });
  const summary = await syncer.sync(files, {
    begin: (plan) => progress.begin(plan),
    show: (event) => {
      progress.show(event);
      if (args.show) showRedactions(event, messages);
      if (event.type === "session-started") messages.debug(`${event.path}: ${event.title}`);
    },
  });
  progress.end();
  process.stdout.write(
    args.json
      ? `${JSON.stringify(toJson(summary, countUnchanged(args, summary, syncer.countMessages(files))))}\n`
      : renderSummary(summary, args["dry-run"] === true),
  );
  return tellEnd(summary, interrupt.exitCode(), messages);
}

/** What would be sent can be seen before there is a server to send it to. */
const noTarget: Target = { baseUrl: "", apiKey: "" };

function checkCombination(args: Args): void {
  if (args.show && !args["dry-run"]) throw new AppError("usage", "--show goes with --dry-run");
  if (args.force && args.verify) {
    throw new AppError("usage", "--force and --verify exclude each other", {
      hint: "--verify sends what is missing or differs, --force everything.",
    });
  }
}

function readSelection(args: Args): Selection {
  const now = systemClock.now();
  return {
    session: args.session,
    since: args.since ? parseTimeFlag("--since", args.since, now) : undefined,
    until: args.until ? parseTimeFlag("--until", args.until, now) : undefined,
    limit: args.limit ? parseCountFlag("--limit", args.limit) : undefined,
  };
}

/** The session files that are meant. @throws AppError "usage" where a named one is not there */
async function findFiles(
  args: Args,
  selection: Selection,
  messages: Messages,
): Promise<SessionFile[]> {
  const { session, sessions } = args;
  if (sessions !== undefined && !existsSync(sessions)) {
    throw new AppError("usage", `there is no folder '${sessions}'`);
  }
  const where = { env: process.env, cwd: process.cwd(), sessionsDir: args.sessions };
  const found = findSessionFiles(where);
  for (const { path, reason } of found.problems) messages.warn(`${path}: ${reason}`);
  const files = selectFiles(found.files, selection);
  if (session === undefined || files.length > 0) return files;
  const file = await describeSessionFile(session, where).catch(() => undefined);
  if (file) return [file];
  throw new AppError("usage", `there is no session '${session}'`, {
    hint: "Give a session file, or the beginning of a session's id.",
  });
}

async function openClient(
  target: Target,
  concurrency: number,
  messages: Messages,
): Promise<OpenSyncClient> {
  const { createOpenSyncClient } = await import("../../lib/opensync/client.ts");
  const { createPace } = await import("../../lib/opensync/pace.ts");
  messages.debug(`Sending to ${target.baseUrl} with the key ${maskKey(target.apiKey)}.`);
  let isTroubled = false;
  return createOpenSyncClient({
    ...target,
    fetch: globalThis.fetch,
    clock: systemClock,
    pace: createPace(systemClock, concurrency),
    onRetry: ({ error, delayMs }) => {
      messages.debug(`${error.message} Trying again in ${Math.ceil(delayMs / 1000)} s.`);
      if (!isTroubled && error.kind === "unreachable")
        messages.warn(`${error.message} Trying again.`);
      isTroubled = true;
    },
  });
}

function listOf(globs: string | undefined): string[] {
  return (globs ?? "")
    .split(",")
    .map((glob) => glob.trim())
    .filter((glob) => glob !== "");
}

/** Messages that the server had before this run. */
function countUnchanged(args: Args, { messages }: Summary, known: number): number {
  return args["dry-run"] ? known : Math.max(0, known - messages.sent);
}

/** Says why a run ended early, with what to do next. Gives the exit code. */
function tellEnd(summary: Summary, interrupted: number | undefined, messages: Messages): number {
  const { error, failed, refused, sessions } = summary;
  if (interrupted !== undefined) {
    messages.info("Stopped. What was sent is remembered; the same command goes on from there.");
    return interrupted;
  }
  if (error !== undefined) {
    if (error instanceof AppError) messages.fail(error.message, error.hint);
    return exitCodeOf(error);
  }
  if (failed.length === 0 && refused.length === 0) return exitCodes.well;
  return failed.length === sessions.found ? exitCodes.failure : exitCodes.partlyFailed;
}
