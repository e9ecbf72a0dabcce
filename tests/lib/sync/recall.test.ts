import { expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { openJournal } from "../../../lib/sync/journal.ts";
import type { CursorRecord } from "../../../lib/sync/journal.ts";
import { recall } from "../../../lib/sync/recall.ts";
import { cursor, manualClock, segmentsOf } from "../../support/journal.ts";
import { tempDir } from "../../support/temp.ts";

const file = { path: "a", size: 7, mtimeMs: 1.5, nested: false, root: "" };

/** What is recalled of the file where the journal holds a record of it with a damaged state. */
async function recallDamaged(changes: Partial<CursorRecord>) {
  await using dir = await tempDir();
  const journal = openJournal(dir.path, manualClock());
  journal.put(cursor("a", { size: 7, mtimeMs: 1.5, state: { skipped: "empty" }, ...changes }));
  const segment = join(dir.path, segmentsOf(dir.path)[0]!);
  writeFileSync(segment, readFileSync(segment, "latin1").replace("empty", "emptY"));
  return recall(file, openJournal(dir.path, manualClock()));
}

test("a file that was sent as a whole is unchanged, whatever became of its state", async () => {
  expect(await recallDamaged({ session: "s" })).toEqual({ kind: "unchanged" });
});

test("a file whose reason for being skipped was damaged is looked into again", async () => {
  expect(await recallDamaged({ session: "" })).toBeUndefined();
});
