import { expect, test } from "bun:test";

import { judge, judgeError } from "../../../lib/live/verdict.ts";
import { AppError } from "../../../lib/errors.ts";
import { OpenSyncError } from "../../../lib/opensync/failure.ts";

const well = { phase: "well", failure: undefined, skipped: undefined } as const;

test("what went well is done, and nothing is left to tell", () => {
  for (const kind of ["sent", "unchanged"] as const) {
    expect(judge({ kind })).toEqual({ result: { kind: "done" }, state: well });
  }
});

test("a session that is not to be sent is done, and why is told", () => {
  expect(judge({ kind: "skipped", reason: "kept private" })).toEqual({
    result: { kind: "done" },
    state: { ...well, skipped: "kept private" },
  });
});

test("what was interrupted goes on at once", () => {
  const verdict = judge({ kind: "waiting" });
  expect(verdict).toEqual({ result: { kind: "again", afterMs: 0 }, state: well });
});

test.each([
  ["unreachable", "failed", "offline"],
  ["timeout", "failed", "offline"],
  ["tls", "failed", "offline"],
  ["not-opensync", "failed", "offline"],
  ["rate-limited", "failed", "offline"],
  ["server", "failed", "offline"],
  ["unauthorised", "stuck", "refused"],
  // Another addition may be taken.
  ["refused", "done", "well"],
] as const)("%s: the round is %s, the phase %s", (kind, result, phase) => {
  const error = new OpenSyncError(kind, "It did not work.");
  const outcome = { kind: "waiting", error } as const;
  expect(judge(outcome)).toMatchObject({ result: { kind: result }, state: { phase } });
  expect(judge(outcome).state.failure).toMatchObject({
    message: "It did not work.",
    isTimeout: kind === "timeout",
  });
});

test("it is tried again when the server asks for it", () => {
  const error = new OpenSyncError("rate-limited", "Slow down.", { retryAfterMs: 7000 });
  expect(judgeError(error).result).toEqual({ kind: "failed", afterMs: 7000 });
});

test.each([
  [new AppError("config", "No key.", { hint: "Set one." }), "stuck"],
  [new AppError("io", "The disk is full.", { hint: "Set one." }), "failed"],
  [new TypeError("A mistake of ours."), "failed"],
] as const)("%p is trouble on this machine", (error, result) => {
  const hint = error instanceof AppError ? "Set one." : undefined;
  expect(judgeError(error)).toEqual({
    result: { kind: result },
    state: { phase: "failed", failure: { message: error.message, hint, isTimeout: false } },
  });
});
