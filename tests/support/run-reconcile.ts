import { statSync } from "node:fs";

import { systemClock } from "../../lib/platform/clock.ts";
import { createRedactor } from "../../lib/redact/redact.ts";
import type { SessionFile } from "../../lib/session/discover.ts";
import type { SyncEvent } from "../../lib/sync/event.ts";
import { openJournal } from "../../lib/sync/journal.ts";
import { reconcile } from "../../lib/sync/reconcile.ts";
import type { ReconcileOptions } from "../../lib/sync/reconcile.ts";

/** The file as discovery gives it. */
function sessionFile(path: string): SessionFile {
  const { size, mtimeMs } = statSync(path);
  return { path, size, mtimeMs, nested: false, root: "" };
}

/** Reconciles one file with the cursors in `stateDir`, as a process of its own would. */
export async function runReconcile(
  path: string,
  stateDir: string,
  options: Pick<ReconcileOptions, "sink"> & Partial<ReconcileOptions>,
): Promise<SyncEvent[]> {
  const journal = openJournal(stateDir, systemClock);
  try {
    return await Array.fromAsync(
      reconcile(sessionFile(path), {
        journal,
        redactor: createRedactor({ dictionary: [] }),
        transcript: { toolCalls: true, thinking: false },
        force: false,
        metadataOnly: false,
        totals: "now",
        leaveOut: () => Promise.resolve(undefined),
        ...options,
      }),
    );
  } finally {
    journal.close();
  }
}
