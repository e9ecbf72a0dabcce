import { expect, test } from "bun:test";
import { appendFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { OpenSyncError } from "../../../lib/opensync/failure.ts";
import { systemClock } from "../../../lib/platform/clock.ts";
import { choiceData, choiceEntryType } from "../../../lib/session/choice.ts";
import { findSessionFiles } from "../../../lib/session/discover.ts";
import { nowhere } from "../../../lib/sync/delivery.ts";
import type { Sink } from "../../../lib/sync/delivery.ts";
import { openJournal } from "../../../lib/sync/journal.ts";
import { openSurvey } from "../../../lib/sync/survey.ts";
import { runReconcile } from "../../support/run-reconcile.ts";
import { SessionBuilder } from "../../support/session.ts";
import { tempDir } from "../../support/temp.ts";

async function setUp(excluded = "") {
  const dir = await tempDir();
  const state = join(dir.path, "state");
  const look = async (betweenFindingAndLooking = () => Promise.resolve()) => {
    const journal = openJournal(state, systemClock);
    const survey = openSurvey({
      journal,
      clean: (text) => text.replaceAll("hunter2", "[gone]"),
      leaveOut: ({ cwd }) =>
        Promise.resolve(cwd === excluded ? "of an excluded project" : undefined),
    });
    const { files } = findSessionFiles({ env: {}, sessionsDir: dir.path, cwd: dir.path });
    await betweenFindingAndLooking();
    const standings: unknown[] = [];
    for (const file of files) {
      const { state, reason } = await survey.look(file);
      const recalled = survey.recall(file)?.state;
      const facts = await survey.describe(file);
      standings.push({ state, reason, recalled, title: facts?.title, cwd: facts?.cwd });
    }
    journal.close();
    return standings;
  };
  const path = join(dir.path, "a.jsonl");
  return {
    path,
    look,
    write: (text: string) => writeFile(path, text),
    send: (sink: Sink = nowhere) => runReconcile(path, state, { sink }),
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

function greeting(): SessionBuilder {
  const session = new SessionBuilder();
  session.add("session_info", { name: "greeting hunter2" });
  session.user("hello");
  session.assistant("hi");
  return session;
}

const facts = { title: "greeting [gone]", cwd: "/home/ada/engine" };

test("a session is new, then synced, then waiting for what was added", async () => {
  await using at = await setUp();
  const session = greeting();
  await at.write(session.toJsonl());
  expect(await at.look()).toEqual([{ state: "new", ...facts }]);
  await at.send();
  expect(await at.look()).toEqual([{ state: "synced", recalled: "synced", ...facts }]);
  session.user("more");
  await appendFile(at.path, `${JSON.stringify(session.entries.at(-1))}\n`);
  expect(await at.look()).toEqual([{ state: "waiting", ...facts }]);
});

test("a session that was moved or rewritten waits, and is not new", async () => {
  await using at = await setUp();
  await at.write(greeting().toJsonl());
  await at.send();
  const moved = at.path.replace("a.jsonl", "b.jsonl");
  await rename(at.path, moved);
  expect(await at.look()).toEqual([{ state: "waiting", ...facts }]);
  await rename(moved, at.path);
  const other = greeting();
  other.header["version"] = 2;
  await at.write(other.toJsonl());
  expect(await at.look()).toEqual([{ state: "waiting", ...facts }]);
});

test("what the server refused for good is a failure, with its words", async () => {
  await using at = await setUp();
  await at.write(greeting().toJsonl());
  await at.send({
    ...nowhere,
    putMessage: () => Promise.reject(new OpenSyncError("refused", "Value is too large.")),
  });
  expect(await at.look()).toMatchObject([
    { state: "failed", reason: "2 refused by the server, the last: Value is too large." },
  ]);
});

test("a file that is no session is skipped, before and after that is remembered", async () => {
  await using at = await setUp();
  await at.write("");
  expect(await at.look()).toEqual([{ state: "skipped", reason: "empty" }]);
  await at.send();
  expect(await at.look()).toEqual([{ state: "skipped", reason: "empty", recalled: "skipped" }]);
});

test("a project that is left out is skipped; a private session is private", async () => {
  await using excluded = await setUp("/home/ada/engine");
  await excluded.write(greeting().toJsonl());
  expect(await excluded.look()).toEqual([
    { state: "skipped", reason: "of an excluded project", ...facts },
  ]);
  await using kept = await setUp();
  const session = greeting();
  session.add("custom", { customType: choiceEntryType, data: choiceData("off") });
  await kept.write(session.toJsonl());
  expect(await kept.look()).toEqual([{ state: "private", reason: "kept private", ...facts }]);
});

test("a file that can't be read has failed", async () => {
  await using at = await setUp();
  await at.write(greeting().toJsonl());
  const [standing] = await at.look(() => rm(at.path));
  expect(standing).toMatchObject({ state: "failed", reason: expect.stringContaining("removed") });
});
