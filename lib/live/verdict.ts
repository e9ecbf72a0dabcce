import { AppError, messageOf } from "../errors.ts";
import { OpenSyncError } from "../opensync/failure.ts";
import type { SessionOutcome } from "../sync/event.ts";
import type { RoundResult } from "./scheduler.ts";
import type { Failure, LiveState } from "./state.ts";

/** What the outcome of a session means for what comes next, and for what is shown. */
export interface Verdict {
  result: RoundResult;
  state: Pick<LiveState, "phase" | "failure" | "skipped">;
}

/** Judges how sending a session ended. */
export function judge(outcome: SessionOutcome): Verdict {
  const well = { phase: "well", failure: undefined, skipped: undefined } as const;
  if (outcome.kind === "skipped") {
    return { result: { kind: "done" }, state: { ...well, skipped: outcome.reason } };
  }
  if (outcome.kind === "sent" || outcome.kind === "unchanged") {
    return { result: { kind: "done" }, state: well };
  }
  // It was asked to stop, for something that is more urgent.
  if (outcome.error === undefined) return { result: { kind: "again", afterMs: 0 }, state: well };
  return judgeError(outcome.error);
}

/** Judges an error. */
export function judgeError(error: unknown): Verdict {
  const failure = describeFailure(error);
  if (!(error instanceof OpenSyncError)) {
    // A configuration stays wrong until somebody mends it, and a command for the key may ask people.
    const isConfig = error instanceof AppError && error.code !== "io";
    return { result: { kind: isConfig ? "stuck" : "failed" }, state: { phase: "failed", failure } };
  }
  if (error.kind === "unauthorised") {
    return { result: { kind: "stuck" }, state: { phase: "refused", failure } };
  }
  // Trying again would not help, and what is added later may be taken.
  if (error.kind === "refused")
    return { result: { kind: "done" }, state: { phase: "well", failure } };
  const { retryAfterMs } = error;
  return {
    result: { kind: "failed", ...(retryAfterMs !== undefined && { afterMs: retryAfterMs }) },
    state: { phase: "offline", failure },
  };
}

function describeFailure(error: unknown): Failure {
  return {
    message: messageOf(error),
    hint: error instanceof AppError ? error.hint : undefined,
    isTimeout: error instanceof OpenSyncError && error.kind === "timeout",
  };
}
