import type { Config } from "../../lib/config/schema.ts";
import type { OpenSyncClient } from "../../lib/opensync/client.ts";
import { systemClock } from "../../lib/platform/clock.ts";
import type { Env, Paths } from "../../lib/platform/paths.ts";
import type { SessionFile } from "../../lib/session/discover.ts";
import { planBackfill } from "../../lib/sync/backfill-plan.ts";
import type { BackfillPlan } from "../../lib/sync/backfill-plan.ts";
import { cursorState } from "../../lib/sync/cursor.ts";
import type { SyncEvent } from "../../lib/sync/event.ts";
import { openJournal } from "../../lib/sync/journal.ts";
import { addEvent, summarizePlan } from "../../lib/sync/summary.ts";
import type { Summary } from "../../lib/sync/summary.ts";
import { cursorsDir } from "../../lib/sync/target.ts";

/** What is sent, where to, and how. */
export interface SyncerOptions {
  env: Env;
  paths: Paths;
  config: Config;
  /** The server; the address tells servers apart. */
  target: { baseUrl: string; apiKey: string };
  /** Called once something is to be sent. */
  openClient: () => Promise<OpenSyncClient>;
  /** Globs of projects: only these, and not those. */
  projects: { only: readonly string[]; not: readonly string[] };
  /** Sessions that are worked on at a time. */
  lanes: number;
  force: boolean;
  /** Compare with what the server has, and send what is missing or differs. */
  verify: boolean;
  dryRun: boolean;
  signal: AbortSignal;
}

/** Brings sessions to a server, once or again and again. */
export interface Syncer extends Disposable {
  /** Reconciles the files with the server, or only finds out what that would send. */
  sync(files: readonly SessionFile[], watch?: Watch): Promise<Summary>;
  /** The messages of these files that the server has. */
  countMessages(files: readonly SessionFile[]): number;
}

/** Who wants to see how a run goes on. */
export interface Watch {
  begin(plan: BackfillPlan): void;
  show(event: SyncEvent): void;
}

/**
 * Opens the cursors of a server. All else that sending needs is loaded when there is something to
 * send: mostly there is not.
 */
export function openSyncer(options: SyncerOptions): Syncer {
  const { config, dryRun, force, paths, target, verify } = options;
  const { metadataOnly } = config;
  const journal = openJournal(cursorsDir(paths.stateDir, { ...target, metadataOnly }), systemClock);
  let sender: Promise<(plan: BackfillPlan) => AsyncGenerator<SyncEvent, void>> | undefined;
  const loadSender = async (): ReturnType<typeof createSender> => {
    const { createSender } = await import("./sender.ts");
    return createSender(options, journal);
  };
  return {
    async sync(files, watch) {
      const plan = planBackfill(files, journal, force || verify);
      const summary = summarizePlan(plan);
      if (plan.waiting.length === 0) return summary;
      watch?.begin(plan);
      sender ??= loadSender();
      for await (const event of (await sender)(plan)) {
        addEvent(summary, event);
        watch?.show(event);
      }
      if (!dryRun && summary.sessions.sent > 0) journal.compact();
      return summary;
    },
    countMessages: (files) =>
      files.reduce((sum, { path }) => sum + (cursorState(journal.get(path))?.messages ?? 0), 0),
    [Symbol.dispose]: () => journal.close(),
  };
}
