/** Tasks that the benchmarks measure in a process of their own. */

import { systemClock } from "../../lib/platform/clock.ts";
import { createRedactor } from "../../lib/redact/redact.ts";
import { findSessionFiles } from "../../lib/session/discover.ts";
import { planBackfill } from "../../lib/sync/backfill-plan.ts";
import { backfill } from "../../lib/sync/backfill.ts";

const [task, dir = ""] = process.argv.slice(2);
if (task === "memory") {
  await dryRun(dir);
  console.log(process.resourceUsage().maxRSS * 1024);
}

/** A dry run over all sessions of a folder, as `backfill --dry-run` does it. */
async function dryRun(dir: string): Promise<void> {
  const { files } = findSessionFiles({ env: {}, cwd: dir, sessionsDir: dir });
  const done = (): Promise<boolean> => Promise.resolve(true);
  const journal = { get: () => undefined, findBySession: () => [], put: () => {} };
  const events = backfill(planBackfill(files, journal, false), {
    journal,
    openSink: () => ({ putSession: done, putMessage: done, renameSession: done }),
    redactor: createRedactor({ dictionary: [] }),
    transcript: { toolCalls: true, thinking: true },
    metadataOnly: false,
    force: false,
    lanes: 1,
    leaveOut: () => Promise.resolve(undefined),
    clock: systemClock,
  });
  for await (const event of events) void event;
}
