import { describe, expect, test } from "bun:test";

import type { Entry } from "../../../lib/session/entry.ts";
import { readSessionHead } from "../../../lib/transcript/session-head.ts";
import { createTranscript, initialState } from "../../../lib/transcript/transcript.ts";
import { HistoryNeeded } from "../../../lib/transcript/tree.ts";
import { SessionBuilder, usage } from "../../support/session.ts";
import { outline, transcribe } from "../../support/transcribe.ts";

describe("branches", () => {
  function branched(): SessionBuilder {
    const session = new SessionBuilder();
    session.user("plan");
    const plan = session.assistant("Plan A or plan B?");
    session.user("take A");
    session.assistant("A fails.");
    session.goTo(plan);
    session.user("take B");
    return session;
  }

  test("abandoned branches stay, and a jump is marked", () => {
    expect(outline(transcribe(branched()).messages)).toEqual([
      "user: plan",
      "assistant: Plan A or plan B?",
      "user: take A",
      "assistant: A fails.",
      'system: [went back to the answer "Plan A or plan B?"]',
      "user: take B",
    ]);
  });

  test("a label stands in the marker", () => {
    const session = new SessionBuilder();
    const prompt = session.user("plan");
    session.add("label", { targetId: prompt, label: "old" });
    session.add("label", { targetId: prompt, label: "checkpoint" });
    session.goTo(prompt);
    session.assistant("again");
    expect(outline(transcribe(session).messages)[1]).toBe(
      'system: [went back to the prompt "plan", labelled "checkpoint"]',
    );
  });

  test("a jump to a further root goes back to the start", () => {
    const session = new SessionBuilder();
    session.user("one");
    session.goTo(null);
    session.user("two");
    expect(outline(transcribe(session).messages)[1]).toBe("system: [went back to the start]");
  });

  test("an entry behind a parent that is not in the file is no jump", () => {
    const session = new SessionBuilder();
    session.user("one");
    session.goTo("gone");
    session.user("two");
    expect(outline(transcribe(session).messages)).toEqual(["user: one", "user: two"]);
  });

  test("the excerpt of a marker holds no long word, which could be half a secret", () => {
    const session = new SessionBuilder();
    const prompt = session.user(`use ${"x".repeat(41)} now`);
    session.assistant("ok");
    session.goTo(prompt);
    session.assistant("again");
    expect(outline(transcribe(session).messages)[2]).toBe(
      'system: [went back to the prompt "use … now"]',
    );
  });

  test("a resumed transcript asks for the history where it needs it", () => {
    const session = branched();
    const options = { toolCalls: true, thinking: false };
    const first = createTranscript(initialState(readSessionHead(session.header, false)), options);
    for (const entry of session.entries.slice(0, 4)) first.push(entry);
    const second = createTranscript(first.state(), options);
    expect(() => second.push(session.entries[4]!)).toThrow(HistoryNeeded);
  });
});

describe("resuming", () => {
  test("at any entry gives the same messages and the same session", () => {
    const session = new SessionBuilder();
    session.user("one");
    session.tool("ls", {}, "out");
    session.wait(3_600_000);
    session.user("two");
    session.assistant("done", { usage: usage(5, 6, 7, 8) });
    const whole = transcribe(session);
    const options = { toolCalls: true, thinking: false };
    for (let cut = 0; cut <= session.entries.length; cut++) {
      const head = readSessionHead(session.header, false);
      const first = createTranscript(initialState(head), options);
      const before = session.entries.slice(0, cut).flatMap((entry) => first.push(entry).messages);
      const state = JSON.parse(JSON.stringify(first.state()));
      const second = createTranscript(state, options);
      const after = session.entries.slice(cut).flatMap((entry) => second.push(entry).messages);
      expect([...before, ...after]).toEqual(whole.messages);
      expect(second.session()).toEqual(whole.session);
    }
  });
});

describe("time", () => {
  test("a message is never older than the one before it in the file", () => {
    const session = new SessionBuilder();
    session.user("one");
    session.wait(-60_000);
    session.user("two");
    const [one, two] = transcribe(session).messages;
    expect(one?.createdAt).toBeNumber();
    expect(two?.createdAt).toBe(one?.createdAt);
  });

  test("pauses of more than half an hour are not working time", () => {
    const session = new SessionBuilder();
    session.user("one");
    session.assistant("1");
    session.wait(31 * 60_000);
    session.user("two");
    session.wait(29 * 60_000);
    session.assistant("2");
    expect(transcribe(session).session.durationMs).toBe(1000 + 29 * 60_000 + 1000);
  });
});

describe("tokens and cost", () => {
  test("are summed over all that carries usage", () => {
    const session = new SessionBuilder();
    session.user("go");
    session.assistant("1", { usage: usage(100, 10, 20, 30) });
    session.message("toolResult", { toolCallId: "c", content: [], usage: usage(1, 2) });
    session.add("usage", { kind: "cache_warm", usage: usage(0, 0, 1000) });
    session.add("compaction", { summary: "s", tokensBefore: 1, usage: usage(3, 4) });
    session.add("branch_summary", { summary: "s", usage: usage(5, 6) });
    const { promptTokens, completionTokens, cost } = transcribe(session).session;
    expect(promptTokens).toBe(150 + 1 + 1000 + 3 + 5);
    expect(completionTokens).toBe(10 + 2 + 4 + 6);
    expect(cost).toBeCloseTo((160 + 3 + 1000 + 7 + 11) / 1e4, 10);
  });

  test("broken numbers count nothing", () => {
    const session = new SessionBuilder();
    session.assistant("1", {
      usage: { input: "7", output: -3, cacheRead: null, cost: { total: {} } },
    });
    expect(transcribe(session).session).toMatchObject({
      promptTokens: 0,
      completionTokens: 0,
      cost: 0,
    });
  });

  test("a fork counts only what was spent in it", () => {
    const parent = new SessionBuilder();
    parent.user("one");
    parent.assistant("1", { usage: usage(100, 10) });
    const forkedAt = new Date(Date.parse(parent.entries[1]!.timestamp!) + 500).toISOString();
    const fork = new SessionBuilder({
      id: "019e742e-9d84-7578-90d7-000000000002",
      timestamp: forkedAt,
      parentSession: "/s/2026-03-01T10-00-00-000Z_019e742e-9d84-7578-90d7-674f47fc7c07.jsonl",
    });
    fork.user("one");
    fork.assistant("1", { usage: usage(100, 10) });
    fork.user("two");
    fork.assistant("2", { usage: usage(7, 3) });
    const { session, messages } = transcribe(fork);
    expect(session).toMatchObject({ promptTokens: 7, completionTokens: 3 });
    expect(session.durationMs).toBe(500 + 1000);
    expect(messages).toHaveLength(4);
  });
});

describe("ids", () => {
  test("differ between a session and its fork, which copies entries with their ids", () => {
    const parent = new SessionBuilder();
    parent.user("one");
    const fork = new SessionBuilder({ id: "019e742e-9d84-7578-90d7-000000000002" });
    fork.user("one");
    expect(transcribe(parent).messages[0]?.externalId).not.toBe(
      transcribe(fork).messages[0]?.externalId,
    );
  });

  test("differ between sessions of two projects with the same --session-id", () => {
    const one = transcribe(new SessionBuilder({ id: "daily", cwd: "/a" })).session.externalId;
    const two = transcribe(new SessionBuilder({ id: "daily", cwd: "/b" })).session.externalId;
    expect(one).not.toBe(two);
  });

  test("stay the same when pi migrates a session of version 1", async () => {
    const { migrateSessionEntries } = await import("@mariozechner/pi-coding-agent");
    const path = new URL("../../fixtures/sessions/pi-0.13.2_main_v1.jsonl", import.meta.url);
    const text = await Bun.file(path).text();
    const read = (): Entry[] =>
      text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Entry);
    const migrated = read();
    migrateSessionEntries(migrated as never);
    const ids = (all: Entry[]) =>
      transcribe({ header: all[0] as never, entries: all.slice(1) }).messages.map(
        ({ externalId }) => externalId,
      );
    expect(migrated[1]?.id).toBeString();
    expect(ids(migrated)).toEqual(ids(read()));
    expect(new Set(ids(migrated)).size).toBe(ids(migrated).length);
  });
});

test("content nested deeper than a stack is no error", () => {
  const session = new SessionBuilder();
  const content = JSON.parse(`${"[".repeat(20_000)}${"]".repeat(20_000)}`) as unknown;
  session.message("user", { content });
  session.user("after");
  expect(outline(transcribe(session).messages)).toEqual(["user: after"]);
});

describe("very long sessions", () => {
  test("continue in numbered sessions that OpenSync can open", () => {
    const session = new SessionBuilder();
    for (let turn = 0; turn < 4500; turn++) {
      session.user(`prompt ${turn}`);
      session.assistant(`answer ${turn}`);
    }
    const { messages, session: last, completed } = transcribe(session);
    const counts = new Map<string, number>();
    for (const { sessionExternalId: id } of messages) counts.set(id, (counts.get(id) ?? 0) + 1);
    expect([...counts.values()]).toEqual([4000, 4000, 1000]);
    const parts = [...completed, last];
    expect(parts.map(({ externalId }) => externalId)).toEqual([...counts.keys()]);
    const spent = parts.reduce((sum, { promptTokens = 0 }) => sum + promptTokens, 0);
    expect(spent).toBe(4500 * 100);
  });

  test("are divided by size, the same whatever is sent", () => {
    const session = new SessionBuilder();
    for (let turn = 0; turn < 40; turn++) session.tool("cat", {}, "x".repeat(1_000_000));
    const parts = (options: { toolCalls: boolean }) => {
      const { session: last, completed } = transcribe(session, options);
      return [...completed, last].map(({ externalId, createdAt }) => [externalId, createdAt]);
    };
    expect(parts({ toolCalls: true }).length).toBeGreaterThan(3);
    expect(parts({ toolCalls: false })).toEqual(parts({ toolCalls: true }));
  });
});
