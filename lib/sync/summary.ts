import { messageOf } from "../errors.ts";
import { OpenSyncError } from "../opensync/failure.ts";
import type { Problem } from "../session/problem.ts";
import type { BackfillPlan } from "./backfill-plan.ts";
import type { SyncEvent } from "./event.ts";

/** A file and what became of it. */
export interface FileNote {
  path: string;
  reason: string;
}

/** What a run did, as far as it got. */
export interface Summary {
  sessions: {
    found: number;
    sent: number;
    unchanged: number;
    skipped: number;
    failed: number;
    /** Left for the next run. */
    waiting: number;
  };
  messages: { sent: number; failed: number };
  /** Replaced secrets, by kind. */
  redactions: Record<string, number>;
  skipped: FileNote[];
  failed: FileNote[];
  /** Messages that the server refused for good. */
  refused: (FileNote & { id: string })[];
  problems: Problem[];
  /** What ended the run before its end. */
  error?: unknown;
  isStopped: boolean;
}

/** The summary of a run that has not begun. */
export function summarizePlan({ waiting, unchanged, skipped }: BackfillPlan): Summary {
  return {
    sessions: {
      found: waiting.length + unchanged + skipped.length,
      sent: 0,
      unchanged,
      skipped: skipped.length,
      failed: 0,
      waiting: waiting.length,
    },
    messages: { sent: 0, failed: 0 },
    redactions: {},
    skipped: [...skipped],
    failed: [],
    refused: [],
    problems: [],
    isStopped: false,
  };
}

/** Adds an event to a summary. */
export function addEvent(summary: Summary, event: SyncEvent): void {
  const { messages } = summary;
  switch (event.type) {
    case "message":
      if (event.refused === undefined) messages.sent += 1;
      else {
        messages.failed += 1;
        summary.refused.push({ path: event.path, id: event.id, reason: event.refused });
      }
      break;
    case "redacted":
      for (const { kind } of event.findings) {
        summary.redactions[kind] = (summary.redactions[kind] ?? 0) + 1;
      }
      break;
    case "problem":
      summary.problems.push(event);
      break;
    case "session-done":
      addOutcome(summary, event);
      break;
    case "finished":
      summary.isStopped = event.isStopped;
      if (event.error !== undefined) summary.error = event.error;
      break;
    default:
  }
}

/** Why a session failed, to stand behind its name and a colon. */
function reasonOf(error: unknown): string {
  const isTrouble = error instanceof OpenSyncError && error.kind !== "refused";
  return isTrouble ? `${messageOf(error)} (waits for the next run)` : messageOf(error);
}

function addOutcome(
  summary: Summary,
  { path, outcome }: Extract<SyncEvent, { type: "session-done" }>,
): void {
  const { sessions } = summary;
  if (outcome.kind === "waiting") return;
  sessions.waiting -= 1;
  sessions[outcome.kind] += 1;
  if (outcome.kind === "skipped") summary.skipped.push({ path, reason: outcome.reason });
  if (outcome.kind === "failed") summary.failed.push({ path, reason: reasonOf(outcome.error) });
}
