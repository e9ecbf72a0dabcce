import { describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { systemClock } from "../../../lib/platform/clock.ts";
import { passAll } from "../../../lib/redact/load-redactor.ts";
import { choiceData, choiceEntryType } from "../../../lib/session/choice.ts";
import type { SyncChoice } from "../../../lib/session/choice.ts";
import { findSessionFiles } from "../../../lib/session/discover.ts";
import { planBackfill } from "../../../lib/sync/backfill-plan.ts";
import { backfill } from "../../../lib/sync/backfill.ts";
import { toSink } from "../../../lib/sync/delivery.ts";
import { openJournal } from "../../../lib/sync/journal.ts";
import { reconcile } from "../../../lib/sync/reconcile.ts";
import { runReconcile } from "../../support/run-reconcile.ts";
import { said, testServer } from "../../support/server.ts";
import { SessionBuilder } from "../../support/session.ts";
import { tempDir } from "../../support/temp.ts";

function choose(session: SessionBuilder, choice: SyncChoice): void {
  session.add("custom", { customType: choiceEntryType, data: choiceData(choice) });
}

function idOf(index: number): string {
  return `019e742e-9d84-7578-90d7-00000000000${index}`;
}

const options = {
  redactor: passAll,
  transcript: { toolCalls: true, thinking: false },
  force: false,
  metadataOnly: false,
  leaveOut: () => Promise.resolve(undefined),
};

async function setUp() {
  const dir = await tempDir();
  const opensync = await testServer();
  const state = join(dir.path, "state");
  const pathOf = ({ header }: SessionBuilder): string => join(dir.path, `${header.id}.jsonl`);
  return {
    pathOf,
    write: (session: SessionBuilder) => writeFile(pathOf(session), session.toJsonl()),
    async run(session: SessionBuilder): Promise<unknown> {
      const sink = toSink(opensync.client);
      const last = (await runReconcile(pathOf(session), state, { sink })).at(-1);
      return last?.type === "session-done" ? last.outcome : undefined;
    },
    async read(session: SessionBuilder): Promise<string[]> {
      const id = `pi:${session.header.id}`;
      return said((await opensync.read([id])).get(id)?.messages ?? []);
    },
    /** Sends all sessions; gives the outcome of each. */
    async backfill(): Promise<Record<string, unknown>> {
      const { files } = findSessionFiles({ env: {}, sessionsDir: dir.path, cwd: dir.path });
      const journal = openJournal(state, systemClock);
      const outcomes: Record<string, unknown> = {};
      const events = backfill(planBackfill(files, journal, false), {
        ...options,
        journal,
        clock: systemClock,
        lanes: 1,
        openSink: (signal) => toSink(opensync.client, signal),
      });
      for await (const event of events) {
        if (event.type === "session-done") outcomes[event.path] = event.outcome;
      }
      journal.close();
      return outcomes;
    },
    async [Symbol.asyncDispose]() {
      await opensync[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}

const kept = { kind: "skipped", reason: "kept private" };

describe("private sessions", () => {
  test("one that was private from the start is not sent, until that is taken back", async () => {
    await using at = await setUp();
    const session = new SessionBuilder();
    session.user("one");
    choose(session, "off");
    session.user("two");
    await at.write(session);
    expect(await at.run(session)).toEqual(kept);
    expect(await at.run(session)).toEqual(kept);
    expect(await at.read(session)).toEqual([]);
    choose(session, "on");
    await at.write(session);
    expect(await at.run(session)).toEqual({ kind: "sent" });
    expect(await at.read(session)).toEqual(["user: one", "user: two"]);
  });

  test("one that became private keeps what was sent, and goes on whole when taken back", async () => {
    await using at = await setUp();
    const session = new SessionBuilder();
    session.user("one");
    await at.write(session);
    expect(await at.run(session)).toEqual({ kind: "sent" });
    session.user("two");
    choose(session, "off");
    await at.write(session);
    expect(await at.run(session)).toEqual(kept);
    session.user("three");
    session.add("session_info", { name: "a secret name" });
    await at.write(session);
    expect(await at.run(session)).toEqual(kept);
    expect(await at.read(session)).toEqual(["user: one"]);
    choose(session, "on");
    await at.write(session);
    expect(await at.run(session)).toEqual({ kind: "sent" });
    expect(await at.read(session)).toEqual(["user: one", "user: two", "user: three"]);
  });

  test("lost cursors do not make it public", async () => {
    await using at = await setUp();
    const session = new SessionBuilder();
    session.user("one");
    choose(session, "off");
    for (let prompt = 0; prompt < 5; prompt++) session.user(`more ${prompt}`);
    await at.write(session);
    expect(await at.backfill()).toEqual({ [at.pathOf(session)]: kept });
    expect(await at.read(session)).toEqual([]);
  });

  test("backfill skips them and their forks, says why, and sends the others", async () => {
    await using at = await setUp();
    const secret = new SessionBuilder({ id: idOf(1) });
    secret.user("secret");
    choose(secret, "off");
    const fork = new SessionBuilder({ id: idOf(2), parentSession: at.pathOf(secret) });
    fork.user("fork");
    const open = new SessionBuilder({ id: idOf(3), parentSession: at.pathOf(secret) });
    open.user("open");
    choose(open, "on");
    const plain = new SessionBuilder({ id: idOf(4) });
    plain.user("plain");
    for (const session of [secret, fork, open, plain]) await at.write(session);
    expect(await at.backfill()).toEqual({
      [at.pathOf(secret)]: kept,
      [at.pathOf(fork)]: { kind: "skipped", reason: "fork of a private session" },
      [at.pathOf(open)]: { kind: "sent" },
      [at.pathOf(plain)]: { kind: "sent" },
    });
    choose(secret, "on");
    await at.write(secret);
    await at.backfill();
    expect(await at.read(secret)).toEqual(["user: secret"]);
    expect(await at.read(fork)).toEqual(["user: fork"]);
  });
});

// Another process sent what was added after this one had looked at the file.
test("a cursor ahead of what is known of the file does not send it all again", async () => {
  await using dir = await tempDir();
  await using opensync = await testServer();
  const path = join(dir.path, "a.jsonl");
  const session = new SessionBuilder();
  session.user("one");
  await writeFile(path, session.toJsonl());
  const before = Bun.file(path).size;
  session.user("two");
  await writeFile(path, session.toJsonl());
  await runReconcile(path, dir.path, { sink: toSink(opensync.client) });
  const journal = openJournal(dir.path, systemClock);
  let sent = 0;
  const stale = { path, size: before, mtimeMs: 1, nested: false, root: "" };
  const events = reconcile(stale, {
    journal,
    sink: toSink(opensync.client),
    totals: "now",
    ...options,
  });
  for await (const event of events) sent += event.type === "message" ? 1 : 0;
  journal.close();
  expect(sent).toBe(0);
});
