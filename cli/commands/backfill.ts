import type { ParsedArgs } from "citty";

import { noTarget, requireTarget } from "../../lib/config/load.ts";
import { AppError } from "../../lib/errors.ts";
import { systemClock } from "../../lib/platform/clock.ts";
import type { Selection } from "../../lib/sync/select.ts";
import { defineCommand } from "../command.ts";
import { openContext } from "../context.ts";
import { findSessions } from "../sync/find-sessions.ts";
import { concurrencyDefault, runSync } from "../sync/run-sync.ts";
import { commonFlags } from "../ui/flags.ts";
import { showRedactions } from "../ui/redactions.ts";
import { parseCountFlag, parseListFlag, parseTimeFlag } from "../ui/values.ts";

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
  const projects = {
    only: parseListFlag("--project", args.project),
    not: parseListFlag("--exclude", args.exclude),
  };
  const context = await openContext(args);
  const { config, env, messages } = context;
  const isPreview = args["dry-run"] === true && !args.verify && config.url === undefined;
  const { report, exitCode } = await runSync(context, {
    args,
    target: isPreview ? noTarget : await requireTarget(config, env),
    files: await findSessions(selection, messages, args.sessions),
    concurrency,
    projects,
    force: args.force === true,
    verify: args.verify === true,
    dryRun: args["dry-run"] === true,
    hideProgress: args.show === true,
    onEvent: (event) => args.show && showRedactions(event, messages),
  });
  process.stdout.write(report);
  return exitCode;
}

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
