import { statSync } from "node:fs";
import { expect } from "bun:test";

import type { StoredConversation } from "../../../lib/opensync/incoming.ts";
import { systemClock } from "../../../lib/platform/clock.ts";
import { createRedactor } from "../../../lib/redact/redact.ts";
import { backfill } from "../../../lib/sync/backfill.ts";
import { planBackfill } from "../../../lib/sync/backfill-plan.ts";
import { toSink } from "../../../lib/sync/delivery.ts";
import { openJournal } from "../../../lib/sync/journal.ts";
import { testServer } from "../server.ts";
import type { TestServer } from "../server.ts";
import { tempDir } from "../temp.ts";
import { listDifferences } from "./differences.ts";
import { readTruth } from "./truth.ts";

/**
 * Expects that a server holds what the session files say, neither less nor more. Asks again until
 * it does, for `limitMs` at the most; 0 asks once.
 */
export async function expectDelivered(
  server: TestServer,
  files: () => readonly string[],
  limitMs = 0,
): Promise<void> {
  const end = Date.now() + limitMs;
  for (;;) {
    const truth = files()
      .map(readTruth)
      .filter((session) => session !== undefined);
    const differences = listDifferences(truth, await server.read());
    if (differences.length === 0) return;
    if (Date.now() >= end) throw new Error(`not what the files say:\n${differences.join("\n")}`);
    await Bun.sleep(50);
  }
}

/** Expects that a server holds what a backfill of the files brings to an empty one. */
export async function expectSameAsBackfill(
  server: TestServer,
  files: readonly string[],
): Promise<void> {
  await using other = await testServer();
  await backfillTo(other, files);
  expect(withoutOwn(await server.read())).toEqual(withoutOwn(await other.read()));
}

/** Sends all that the files hold to a server. */
export async function backfillTo(server: TestServer, files: readonly string[]): Promise<void> {
  await using state = await tempDir();
  const journal = openJournal(state.path, systemClock);
  const plan = planBackfill(files.map(describeFile), journal, true);
  const events = backfill(plan, {
    journal,
    openSink: (signal) => toSink(server.client, signal),
    redactor: createRedactor({ dictionary: [] }),
    transcript: { toolCalls: true, thinking: false },
    metadataOnly: false,
    force: true,
    lanes: 2,
    leaveOut: () => Promise.resolve(undefined),
    clock: systemClock,
  });
  for await (const event of events) {
    if (event.type === "session-done" && "error" in event.outcome) throw event.outcome.error;
  }
  journal.close();
}

function describeFile(path: string) {
  const { size, mtimeMs } = statSync(path);
  return { path, size, mtimeMs, nested: false, root: "" };
}

/** Sessions by external id, in one order, without what each server makes up itself. */
function withoutOwn(stored: ReadonlyMap<string, StoredConversation>): unknown[] {
  return [...stored]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { session, messages }]) => ({
      session: { ...session, id: "", updatedAt: 0 },
      messages: messages.map((message) => ({ ...message, id: "" })),
    }));
}
