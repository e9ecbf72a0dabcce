import type { ConsolaInstance } from "consola";

import { messageOf } from "../../lib/errors.ts";
import { systemClock } from "../../lib/platform/clock.ts";
import type { SessionFile } from "../../lib/session/discover.ts";
import { createProgress } from "../ui/progress.ts";
import { renderSummary } from "../ui/summary.ts";
import { runBackfill } from "./run-backfill.ts";
import type { BackfillRun } from "./run-backfill.ts";

/** How often the sessions are looked at. */
const lookEveryMs = 1000;
/** On machines with very many sessions: so many times as long as a look takes. */
const restFactor = 20;
/** Sessions at a time; the embedded server works on one core. */
const lanes = 4;

/** What following sessions needs. */
export interface Follow extends Pick<BackfillRun, "env" | "paths" | "config" | "destination"> {
  find: () => SessionFile[];
  signal: AbortSignal;
  messages: ConsolaInstance;
}

/** Takes in the sessions of this machine, and then what is added to them, until it is aborted. */
export async function followSessions(follow: Follow): Promise<void> {
  const { find, messages, signal, ...run } = follow;
  const isQuiet = messages.level < 3;
  const sync = async (onEvent: BackfillRun["onEvent"]) =>
    runBackfill({
      ...run,
      files: find(),
      projects: { only: [], not: [] },
      lanes,
      force: false,
      verify: false,
      dryRun: false,
      countUnchanged: false,
      signal,
      onEvent,
    });

  const progress = createProgress(process.stderr, isQuiet);
  const { summary } = await sync((event) => progress.show(event));
  progress.end();
  if (!isQuiet) process.stderr.write(`${renderSummary(summary, false)}\n`);
  let failure: string | undefined;
  while (!signal.aborted) {
    const startedAt = performance.now();
    try {
      const again = await sync(() => {});
      if (again.summary.messages.sent > 0)
        messages.debug(`${again.summary.messages.sent} messages`);
      failure = undefined;
    } catch (error) {
      if (messageOf(error) !== failure) messages.warn(messageOf(error));
      failure = messageOf(error);
    }
    const restMs = Math.max(lookEveryMs, (performance.now() - startedAt) * restFactor);
    await systemClock.sleep(restMs, signal).catch(() => {});
  }
}
