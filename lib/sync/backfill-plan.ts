import type { SessionFile } from "../session/discover.ts";
import type { Journal } from "./journal.ts";
import { recall } from "./recall.ts";

/** What a backfill is going to do. */
export interface BackfillPlan {
  /** Files to look into, the largest first, so that no long one is left for the end. */
  waiting: SessionFile[];
  /** How many files are as they were when all of them was acknowledged. */
  unchanged: number;
  /** Files that are known to hold nothing to send. */
  skipped: { path: string; reason: string }[];
}

/** Finds the files that something may be new in, without opening any; all of them with `force`. */
export function planBackfill(
  files: readonly SessionFile[],
  journal: Pick<Journal, "get">,
  force: boolean,
): BackfillPlan {
  const plan: BackfillPlan = { waiting: [], unchanged: 0, skipped: [] };
  for (const file of files) {
    const known = force ? undefined : recall(file, journal);
    if (known?.kind === "skipped") plan.skipped.push({ path: file.path, reason: known.reason });
    else if (known) plan.unchanged += 1;
    else plan.waiting.push(file);
  }
  plan.waiting.sort((a, b) => b.size - a.size);
  return plan;
}
