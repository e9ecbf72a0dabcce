import { coversProject } from "../../lib/config/project-glob.ts";
import { readProjectOptOut } from "../../lib/config/project.ts";
import { systemClock } from "../../lib/platform/clock.ts";
import { backfill } from "../../lib/sync/backfill.ts";
import type { BackfillPlan } from "../../lib/sync/backfill-plan.ts";
import { toSink } from "../../lib/sync/delivery.ts";
import type { Sink } from "../../lib/sync/delivery.ts";
import type { SyncEvent } from "../../lib/sync/event.ts";
import type { Journal } from "../../lib/sync/journal.ts";
import { verifyingSink } from "../../lib/sync/verify.ts";
import type { SessionHead } from "../../lib/transcript/session-head.ts";
import { loadRedactor, passAll } from "./redactor.ts";
import type { SyncerOptions } from "./syncer.ts";

/** Makes what carries plans out. */
export async function createSender(
  options: SyncerOptions,
  journal: Journal,
): Promise<(plan: BackfillPlan) => AsyncGenerator<SyncEvent, void>> {
  const { config, dryRun, env, force, lanes, paths, signal, target, verify } = options;
  const client = dryRun && !verify ? undefined : await options.openClient();
  const openSink = (cut: AbortSignal): Sink => {
    const sink = client && !dryRun ? toSink(client, cut) : nowhere;
    return client && verify ? verifyingSink(client, sink, cut) : sink;
  };
  const redactor = config.redact
    ? await loadRedactor(env, dryRun ? undefined : paths.stateDir, target.apiKey)
    : passAll;
  const leaveOut = projectFilter(options);
  return (plan) =>
    backfill(plan, {
      journal: dryRun ? { ...journal, put: () => {} } : journal,
      openSink,
      redactor,
      transcript: { toolCalls: config.syncToolCalls, thinking: config.syncThinking },
      metadataOnly: config.metadataOnly,
      force: force || verify,
      lanes,
      leaveOut,
      clock: systemClock,
      signal,
    });
}

/** Takes everything and keeps nothing. */
const nowhere: Sink = {
  putSession: () => Promise.resolve(true),
  putMessage: () => Promise.resolve(true),
  renameSession: () => Promise.resolve(true),
};

/** Decides once for each project why its sessions are not to be sent, if so. */
function projectFilter(options: SyncerOptions): (head: SessionHead) => Promise<string | undefined> {
  const decisions = new Map<string, Promise<string | undefined>>();
  return ({ cwd = "" }) => {
    const decision = decisions.get(cwd) ?? leaveOutProject(cwd, options);
    decisions.set(cwd, decision);
    return decision;
  };
}

async function leaveOutProject(cwd: string, options: SyncerOptions): Promise<string | undefined> {
  const { config, env, projects } = options;
  if (projects.only.length > 0 && !coversProject(cwd, projects.only, env)) {
    return "of another project";
  }
  if (coversProject(cwd, [...config.exclude, ...projects.not], env)) {
    return "of an excluded project";
  }
  if (cwd === "") return undefined;
  const { isOff } = await readProjectOptOut(cwd);
  return isOff ? "switched off by the project's .pi/opensync.json" : undefined;
}
