/**
 * Runs the client in the runtime that is to be tested. Takes a list of trials as its argument and
 * prints their outcomes, both as JSON.
 */

import { createOpenSyncClient } from "../../../lib/opensync/client.ts";
import { OpenSyncError } from "../../../lib/opensync/failure.ts";
import { systemClock } from "../../../lib/platform/clock.ts";

/** One call of the client. */
export interface Trial {
  name: string;
  baseUrl: string;
  timeoutMs: number;
  triesMax: number;
  /** Gives the call up after this time. */
  abortMs?: number;
}

/** What came of it. */
export interface Outcome {
  name: string;
  result: string;
  tookMs: number;
}

const trials = JSON.parse(process.argv[2] ?? "[]") as Trial[];
const outcomes = await Promise.all(trials.map(run));
process.stdout.write(JSON.stringify(outcomes));

async function run(trial: Trial): Promise<Outcome> {
  const startMs = performance.now();
  const client = createOpenSyncClient({
    baseUrl: trial.baseUrl,
    apiKey: "osk_abcdefghijklmnopqrstuvwxyz012345",
    fetch,
    clock: { ...systemClock, random: () => 0.01 },
    timeoutMs: trial.timeoutMs,
    retryLimits: { triesMax: trial.triesMax, totalMsMax: 5_000 },
  });
  const controller = new AbortController();
  if (trial.abortMs !== undefined)
    setTimeout(() => controller.abort(new Error("stop")), trial.abortMs);
  const message = {
    sessionExternalId: "s",
    externalId: "s:1",
    role: "user",
    textContent: "hi",
  } as const;
  const result = await client
    .putMessage(message, { signal: controller.signal })
    .then(() => "stored", tell);
  return { name: trial.name, result, tookMs: performance.now() - startMs };
}

function tell(error: unknown): string {
  if (!(error instanceof OpenSyncError)) return String(error);
  if (JSON.stringify([error.message, error.hint, String(error.cause)]).includes("osk_"))
    return "the key leaked";
  return error.kind;
}
