import type { Target } from "../../lib/config/load.ts";
import { AppError } from "../../lib/errors.ts";
import type { SessionFile } from "../../lib/session/discover.ts";
import type { BackfillPlan } from "../../lib/sync/backfill-plan.ts";
import type { SyncEvent } from "../../lib/sync/event.ts";
import type { Summary } from "../../lib/sync/summary.ts";
import { isSilent } from "../context.ts";
import type { Context, LoudnessFlags } from "../context.ts";
import { exitCodeOf, exitCodes } from "../exit-code.ts";
import { catchInterrupts } from "../interrupt.ts";
import { createProgress } from "../ui/progress.ts";
import { renderSummary, toJson } from "../ui/summary.ts";
import { openClient } from "./open-client.ts";
import { openSyncer } from "./syncer.ts";
import type { SyncerOptions } from "./syncer.ts";

/** More requests than this in flight of one user only meet each other's conflicts. */
export const concurrencyDefault = 8;

/** What is sent where to, and how; what is left out is as for a plain run. */
export interface SyncRunOptions extends Partial<
  Pick<SyncerOptions, "projects" | "lanes" | "force" | "verify" | "dryRun">
> {
  files: readonly SessionFile[];
  target: Target;
  args: LoudnessFlags;
  /** Requests in flight at the most. */
  concurrency?: number;
  /** Takes in what is going to be done, where there is anything. */
  onPlan?: (plan: BackfillPlan) => void;
  /** Takes in all that happens. */
  onEvent?: (event: SyncEvent) => void;
  /** Shows no progress: something else is shown. */
  hideProgress?: boolean;
}

/** What a run came to. */
export interface SyncRun {
  summary: Summary;
  /** For people, or with `--json` for programs. */
  report: string;
  exitCode: number;
}

/**
 * Brings sessions to a server and shows how that goes on. Ctrl-C ends it after the request in
 * flight. Why it ended before its end is told, and the exit code says it as well.
 */
export async function runSync(context: Context, options: SyncRunOptions): Promise<SyncRun> {
  const { messages } = context;
  const { args, dryRun = false, files, target, concurrency = concurrencyDefault } = options;
  const progress = createProgress(process.stderr, isSilent(args) || options.hideProgress === true);
  using interrupt = catchInterrupts(() => {
    progress.end();
    messages.info("Ending after the request in flight. Ctrl-C again ends at once.");
  });
  using syncer = openSyncer({
    ...context,
    target,
    openClient: () => openClient(target, concurrency, messages),
    projects: options.projects ?? { only: [], not: [] },
    // Some sessions always wait before they try again; others go on meanwhile.
    lanes: options.lanes ?? (dryRun ? 1 : 2 * concurrency),
    force: options.force ?? false,
    verify: options.verify ?? false,
    dryRun,
    signal: interrupt.signal,
  });
  const summary = await syncer.sync(files, {
    begin: (plan) => {
      options.onPlan?.(plan);
      progress.begin(plan);
    },
    show: (event) => {
      progress.show(event);
      options.onEvent?.(event);
      if (event.type === "session-started") messages.debug(`${event.path}: ${event.title}`);
    },
  });
  progress.end();
  /** Messages that the server had before this run. Counting them decodes the cursor of every file. */
  const countUnchanged = (): number => {
    const known = syncer.countMessages(files);
    return dryRun ? known : Math.max(0, known - summary.messages.sent);
  };
  return {
    summary,
    report: args.json
      ? `${JSON.stringify(toJson(summary, countUnchanged()))}\n`
      : renderSummary(summary, dryRun),
    exitCode: tellEnd(summary, interrupt.exitCode(), context),
  };
}

/** Says why a run ended early, with what to do next. Gives the exit code. */
function tellEnd(summary: Summary, interrupted: number | undefined, { messages }: Context): number {
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
