import { systemClock } from "../../lib/platform/clock.ts";
import { loadRedactor, passAll } from "../../lib/redact/load-redactor.ts";
import { backfill } from "../../lib/sync/backfill.ts";
import type { BackfillPlan } from "../../lib/sync/backfill-plan.ts";
import { nowhere, toSink } from "../../lib/sync/delivery.ts";
import type { Sink } from "../../lib/sync/delivery.ts";
import type { SyncEvent } from "../../lib/sync/event.ts";
import type { Journal } from "../../lib/sync/journal.ts";
import { createProjectFilter } from "../../lib/sync/project-filter.ts";
import { verifyingSink } from "../../lib/sync/verify.ts";
import type { SyncerOptions } from "./syncer.ts";

/** Makes what carries plans out. */
export async function createSender(
  options: SyncerOptions,
  journal: Journal,
): Promise<(plan: BackfillPlan) => AsyncGenerator<SyncEvent, void>> {
  const { config, dryRun, env, force, lanes, paths, projects, signal, target, verify } = options;
  const client = dryRun && !verify ? undefined : await options.openClient();
  const openSink = (cut: AbortSignal): Sink => {
    const sink = client && !dryRun ? toSink(client, cut) : nowhere;
    return client && verify ? verifyingSink(client, sink, cut) : sink;
  };
  const redactor = config.redact
    ? await loadRedactor(env, dryRun ? undefined : paths.stateDir, target.apiKey)
    : passAll;
  const leaveOut = createProjectFilter({
    env,
    exclude: [...config.exclude, ...projects.not],
    only: projects.only,
  });
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
