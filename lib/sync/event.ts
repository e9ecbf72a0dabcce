import type { Finding } from "../redact/redact.ts";
import type { Problem } from "../session/problem.ts";

/** How a session ended in a run. */
export type SessionOutcome =
  /** All that was new is on the server. */
  | { kind: "sent" }
  /** There was nothing new. */
  | { kind: "unchanged" }
  /** It is not to be sent. */
  | { kind: "skipped"; reason: string }
  /** Something went wrong with it; what was acknowledged stays acknowledged. */
  | { kind: "failed"; error: unknown }
  /** The rest waits for the next run: this one was to stop, or no session gets through. */
  | { kind: "waiting"; error?: unknown };

/**
 * All that the engine tells: progress bars, footers, JSON and logs are renderers of one stream of
 * these. `path` is the session file.
 */
export type SyncEvent =
  | { type: "session-started"; path: string; title: string }
  /** A message was acknowledged, or refused for good. */
  | { type: "message"; path: string; id: string; refused?: string }
  /** Secrets were replaced in the message `id`. */
  | { type: "redacted"; path: string; id: string; findings: Finding[] }
  /** A line of a session file could not be read and was passed over. */
  | ({ type: "problem" } & Problem)
  /** So many bytes of the file are done. */
  | { type: "progress"; path: string; bytes: number }
  | { type: "session-done"; path: string; outcome: SessionOutcome; bytes: number }
  /** The last event. `error` is what made the rest wait, if anything did. */
  | { type: "finished"; isStopped: boolean; error?: unknown };
