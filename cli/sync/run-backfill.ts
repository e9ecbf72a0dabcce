import { isProjectExcluded } from "../../lib/config/exclude.ts";
import { readProjectOptOut } from "../../lib/config/project.ts";
import type { Config } from "../../lib/config/schema.ts";
import type { OpenSyncClient } from "../../lib/opensync/client.ts";
import { systemClock } from "../../lib/platform/clock.ts";
import type { Env, Paths } from "../../lib/platform/paths.ts";
import type { SessionFile } from "../../lib/session/discover.ts";
import { backfill } from "../../lib/sync/backfill.ts";
import { cursorState } from "../../lib/sync/cursor.ts";
import { toSink } from "../../lib/sync/delivery.ts";
import type { Sink } from "../../lib/sync/delivery.ts";
import type { SyncEvent } from "../../lib/sync/event.ts";
import { openJournal } from "../../lib/sync/journal.ts";
import type { Journal } from "../../lib/sync/journal.ts";
import { addEvent, emptySummary } from "../../lib/sync/summary.ts";
import type { Summary } from "../../lib/sync/summary.ts";
import { cursorsDir } from "../../lib/sync/target.ts";
import { verifyingSink } from "../../lib/sync/verify.ts";
import type { SessionHead } from "../../lib/transcript/session-head.ts";
import { loadRedactor, passAll } from "./redactor.ts";

/** A server that sessions go to. */
export interface Destination {
  /** Tells servers apart: its address. */
  baseUrl: string;
  apiKey: string;
  client: OpenSyncClient;
}

/** One run over some sessions. */
export interface BackfillRun {
  env: Env;
  paths: Paths;
  config: Config;
  destination: Destination;
  files: readonly SessionFile[];
  /** Globs of projects: only these, and not those. */
  projects: { only: readonly string[]; not: readonly string[] };
  lanes: number;
  force: boolean;
  /** Compare with what the server has, and send what is missing or differs. */
  verify: boolean;
  dryRun: boolean;
  /** Count the messages that the server has already, which takes a while with many sessions. */
  countUnchanged: boolean;
  signal?: AbortSignal;
  onEvent: (event: SyncEvent) => void;
}

/** What a run did. */
export interface BackfillResult {
  summary: Summary;
  /** Messages that the server had before; 0 where they were not to be counted. */
  messagesUnchanged: number;
}

/** Reconciles sessions with a server, or only finds out what that would send. */
export async function runBackfill(run: BackfillRun): Promise<BackfillResult> {
  const { config, destination, dryRun, env, files, paths } = run;
  const { metadataOnly } = config;
  const target = { ...destination, metadataOnly };
  const journal = openJournal(cursorsDir(paths.stateDir, target), systemClock);
  const summary = emptySummary();
  try {
    const events = backfill(files, {
      journal: dryRun ? { ...journal, put: () => {} } : journal,
      openSink: (signal) => openSink(run, signal),
      redactor: config.redact
        ? await loadRedactor(env, paths.stateDir, destination.apiKey)
        : passAll,
      transcript: { toolCalls: config.syncToolCalls, thinking: config.syncThinking },
      metadataOnly,
      force: run.force || run.verify,
      lanes: run.lanes,
      leaveOut: projectFilter(run),
      clock: systemClock,
      ...(run.signal && { signal: run.signal }),
    });
    for await (const event of events) {
      addEvent(summary, event);
      run.onEvent(event);
    }
    if (!dryRun && summary.sessions.sent > 0) journal.compact();
    const known = run.countUnchanged ? countMessages(journal, files) : 0;
    const messagesUnchanged = dryRun ? known : Math.max(0, known - summary.messages.sent);
    return { summary, messagesUnchanged };
  } finally {
    journal.close();
  }
}

function openSink({ destination, dryRun, verify }: BackfillRun, signal: AbortSignal): Sink {
  const sink = dryRun ? nowhere : toSink(destination.client, signal);
  return verify ? verifyingSink(destination.client, sink, signal) : sink;
}

/** Takes everything and keeps nothing. */
const nowhere: Sink = {
  putSession: () => Promise.resolve(true),
  putMessage: () => Promise.resolve(true),
  renameSession: () => Promise.resolve(true),
};

/** Decides once for each project why its sessions are not to be sent, if so. */
function projectFilter(run: BackfillRun): (head: SessionHead) => Promise<string | undefined> {
  const decisions = new Map<string, Promise<string | undefined>>();
  return ({ cwd = "" }) => {
    const decision = decisions.get(cwd) ?? leaveOutProject(cwd, run);
    decisions.set(cwd, decision);
    return decision;
  };
}

async function leaveOutProject(cwd: string, run: BackfillRun): Promise<string | undefined> {
  const { config, env, projects } = run;
  if (projects.only.length > 0 && !isProjectExcluded(cwd, projects.only, env)) {
    return "of another project";
  }
  if (isProjectExcluded(cwd, [...config.exclude, ...projects.not], env)) {
    return "of an excluded project";
  }
  if (cwd === "") return undefined;
  const { isOff } = await readProjectOptOut(cwd);
  return isOff ? "switched off by the project's .pi/opensync.json" : undefined;
}

function countMessages(journal: Journal, files: readonly SessionFile[]): number {
  return files.reduce((sum, { path }) => sum + (cursorState(journal.get(path))?.messages ?? 0), 0);
}
