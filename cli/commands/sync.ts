import { rm } from "node:fs/promises";
import { join } from "node:path";

import type { ParsedArgs } from "citty";

import type { Target } from "../../lib/config/load.ts";
import { openMarks } from "../../lib/live/marks.ts";
import type { Mark, Marks } from "../../lib/live/marks.ts";
import { systemClock } from "../../lib/platform/clock.ts";
import { describeSessionFile } from "../../lib/session/discover.ts";
import type { SessionFile } from "../../lib/session/discover.ts";
import type { SyncEvent } from "../../lib/sync/event.ts";
import { defineCommand } from "../command.ts";
import { openContext } from "../context.ts";
import type { Context } from "../context.ts";
import { findSessions } from "../sync/find-sessions.ts";
import { runSync } from "../sync/run-sync.ts";
import { openServerSurvey } from "../sync/survey.ts";
import { commonFlags } from "../ui/flags.ts";

/** `pi-opensync sync`: sends now what waits of sessions that are sent already, or were begun. */
export const syncCommand = defineCommand({
  flags: commonFlags,
  examples: [
    ["pi-opensync sync", "what was added to sessions that are on the server"],
    ["pi-opensync sync --json", "the outcome for a program"],
    ["pi-opensync backfill", "sessions that were never sent, as well"],
  ],
  run,
});

async function run(args: ParsedArgs<typeof commonFlags>): Promise<number> {
  const context = await openContext(args);
  const { messages, paths } = context;
  const marks = openMarks(join(paths.stateDir, "live"), () => systemClock.now());
  const left = await findLeft(marks);
  const found = await findSessions({}, messages);
  const { target, begun } = await findBegun(context, found);
  const files = new Map([...begun, ...left.keys()].map((file) => [file.path, file]));
  const undelivered = new Set<string>();
  const { report, exitCode } = await runSync(context, {
    args,
    target,
    files: [...files.values()],
    // One after another: this can run beside a pi that sends as well.
    lanes: 1,
    onPlan: ({ waiting }) => waiting.forEach(({ path }) => undelivered.add(path)),
    onEvent: (event) => isDelivered(event) && undelivered.delete(event.path),
  });
  for (const [{ path }, mark] of left) {
    if (!undelivered.has(path)) await forget(mark, marks);
  }
  process.stdout.write(report);
  return exitCode;
}

/** Sessions that a pi left behind, with their files. Marks of files that are gone are taken away. */
async function findLeft(marks: Marks): Promise<Map<SessionFile, Mark>> {
  const left = new Map<SessionFile, Mark>();
  for (const mark of await marks.listLeft()) {
    const where = { env: process.env, cwd: process.cwd() };
    const file = await describeSessionFile(mark.path, where);
    if (file === undefined) await marks.release(mark.path);
    else left.set(file, mark);
  }
  return left;
}

/** The files that something was sent of. All else is for a backfill, which a person decides on. */
async function findBegun(
  context: Context,
  files: readonly SessionFile[],
): Promise<{ target: Target; begun: SessionFile[] }> {
  using server = await openServerSurvey(context);
  const begun: SessionFile[] = [];
  for (const file of files) {
    const { state } = await server.survey.look(file);
    const isBegun =
      state === "failed" ? server.journal.get(file.path) !== undefined : isSent[state];
    if (isBegun) begun.push(file);
  }
  return { target: server.target, begun };
}

const isSent = { synced: true, waiting: true, new: false, skipped: false, private: false } as const;

function isDelivered(event: SyncEvent): event is Extract<SyncEvent, { type: "session-done" }> {
  if (event.type !== "session-done") return false;
  return ["sent", "unchanged", "skipped"].includes(event.outcome.kind);
}

/** Nobody has to see to a session any more. A file that we wrote ourselves has had its use. */
async function forget({ isSpooled, path }: Mark, marks: Marks): Promise<void> {
  if (isSpooled) await rm(path, { force: true });
  await marks.release(path);
}
