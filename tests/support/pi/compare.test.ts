import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { StoredConversation } from "../../../lib/opensync/incoming.ts";
import { SessionBuilder } from "../session.ts";
import { testServer } from "../server.ts";
import type { TestServer } from "../server.ts";
import { tempDir } from "../temp.ts";
import type { TempDir } from "../temp.ts";
import { backfillTo, expectDelivered, expectSameAsBackfill } from "./compare.ts";
import { listDifferences } from "./differences.ts";
import { readTruth } from "./truth.ts";

const sessionId = "019e742e-9d84-7578-90d7-674f47fc7c07";
const forkId = "019e742f-9d84-7578-90d7-674f47fc7c08";

/** A session with something of everything, and a fork of it. */
async function writeSessions(dir: string): Promise<string[]> {
  const session = new SessionBuilder({ id: sessionId });
  const first = session.user("one");
  session.tool("read", { path: "a" }, "text of a");
  session.assistant("two");
  session.message("bashExecution", { command: "ls", output: "a", exitCode: 0 });
  session.message("bashExecution", { command: "env", output: "b", excludeFromContext: true });
  session.add("custom_message", { customType: "note", content: "seen", display: true });
  session.add("custom_message", { customType: "note", content: "unseen", display: false });
  session.goTo(first);
  session.user("three");
  session.assistant("partly", { stopReason: "aborted" });
  session.assistant("", { stopReason: "error", errorMessage: "down" });
  session.add("compaction", { summary: "so far", tokensBefore: 5 });
  session.add("session_info", { name: "My name" });
  const file = join(dir, `2026_${sessionId}.jsonl`);
  await writeFile(file, session.toJsonl());

  const timestamp = new Date(Date.parse(session.entries.at(-1)!.timestamp!) + 1).toISOString();
  const fork = new SessionBuilder({ id: forkId, timestamp, parentSession: file });
  fork.copy(session);
  fork.user("four");
  fork.assistant("five");
  const forkFile = join(dir, `2026_${forkId}.jsonl`);
  await writeFile(forkFile, fork.toJsonl());
  return [file, forkFile];
}

let dir: TempDir;
let server: TestServer;
let files: string[];

beforeAll(async () => {
  [dir, server] = [await tempDir(), await testServer()];
  files = await writeSessions(dir.path);
  await backfillTo(server, files);
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await dir[Symbol.asyncDispose]();
});

test("what a backfill brings is what the files say", async () => {
  await expectDelivered(server, () => files);
  await expectSameAsBackfill(server, files);
  expect((await server.read()).get(`pi:${sessionId}`)?.messages.length).toBe(10);
});

describe("is told:", () => {
  /** What is told after something was changed in what the server holds of the session. */
  async function tellAfter(change: (held: StoredConversation) => void): Promise<string[]> {
    const stored = await server.read();
    change(stored.get(`pi:${sessionId}`)!);
    const truth = files.map((file) => readTruth(file)!);
    return listDifferences(truth, stored).map((line) => line.replace(/^\S+ "My name": /, ""));
  }

  test("nothing where there is nothing", async () => {
    expect(await tellAfter(() => {})).toEqual([]);
  });

  test("a missing message", async () => {
    const told = await tellAfter(({ messages }) => void messages.splice(0, 1));
    expect(told).toEqual(['missing user "one"']);
  });

  test("a message that is there twice, under one id or two", async () => {
    const again = await tellAfter(({ messages }) => void messages.push(messages[0]!));
    expect(again).toEqual(['doubled user "one"']);
    const other = await tellAfter(
      ({ messages }) => void messages.push({ ...messages[0]!, externalId: "else" }),
    );
    expect(other).toEqual(['doubled, as else, user "one"']);
  });

  test("a message that nobody wrote", async () => {
    const phantom = { externalId: "x", textContent: "queued" };
    const told = await tellAfter(
      ({ messages }) => void messages.push({ ...messages[0]!, ...phantom }),
    );
    expect(told).toEqual(['phantom user "queued"']);
  });

  test("messages in another order", async () => {
    const told = await tellAfter(({ messages }) => void messages.push(messages.shift()!));
    expect(told).toEqual([
      'out of order from message 1 on: assistant "read call_1" stands before user "one"',
    ]);
  });

  test("a call or a result under another name", async () => {
    const told = await tellAfter(({ messages }) => {
      messages[2]!.parts[0]!.content = { name: "write", toolCallId: "call_1" };
    });
    expect(told).toEqual(['in tool "text of a": tools are [write call_1], not [read call_1]']);
  });

  test("another text, time or model of a message", async () => {
    const told = await tellAfter(({ messages }) => {
      Object.assign(messages[3]!, { textContent: "too", createdAt: 1, model: "none" });
    });
    expect(told).toEqual([
      'in assistant "two": text is "too", not "two"',
      'in assistant "two": createdAt is 1, not 1772359204000',
      'in assistant "two": model is none, not claude-opus-4-5',
    ]);
  });

  test("another title, count, or sum of a session", async () => {
    const told = await tellAfter(({ session }) => {
      Object.assign(session, { title: "one", promptTokens: 0, cost: 0, messageCount: 2 });
    });
    expect(told).toEqual([
      'title is "one", not "My name"',
      "promptTokens is 0, not 400",
      "cost is 0, not 0.044",
      "messageCount is 2, not 10",
    ]);
  });

  test("a session that is missing, and one of no file", async () => {
    const stored = await server.read();
    const told = listDifferences([readTruth(files[0]!)!], new Map([...stored].slice(0, 1)));
    expect(told.sort()).toEqual([
      'phantom session pi:019e742f-9d84-7578-90d7-674f47fc7c08 "[Fork::019e742e] My name" with 12 messages',
      'pi:019e742e "My name": is missing',
    ]);
  });
});

test("a message that no backfill brings is not the same", async () => {
  await using other = await testServer();
  await backfillTo(other, files);
  const id = `pi:${sessionId}`;
  await other.client.putMessage({ sessionExternalId: id, externalId: `${id}:x`, role: "user" });
  await expect(expectSameAsBackfill(other, files)).rejects.toThrow();
  await expect(expectDelivered(other, () => files)).rejects.toThrow("phantom");
});
