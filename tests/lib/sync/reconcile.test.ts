import { describe, expect, test } from "bun:test";
import { appendFile, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { OpenSyncError } from "../../../lib/opensync/failure.ts";
import type { MessagePut, SessionPut } from "../../../lib/opensync/wire.ts";
import { toSink } from "../../../lib/sync/delivery.ts";
import type { Sink } from "../../../lib/sync/delivery.ts";
import type { SyncEvent } from "../../../lib/sync/event.ts";
import { runReconcile } from "../../support/run-reconcile.ts";
import { said, testServer } from "../../support/server.ts";
import { SessionBuilder, usage } from "../../support/session.ts";
import { tempDir } from "../../support/temp.ts";

/** A sink that passes calls on and remembers them. */
function recording(sink: Sink): { sink: Sink; calls: { kind: string; put: object }[] } {
  const calls: { kind: string; put: object }[] = [];
  const note = (kind: string, put: object): void => void calls.push({ kind, put });
  return {
    calls,
    sink: {
      putSession: (put) => (note("session", put), sink.putSession(put)),
      putMessage: (put) => (note("message", put), sink.putMessage(put)),
      renameSession: (externalId, title) => (
        note("rename", { externalId, title }),
        sink.renameSession(externalId, title)
      ),
    },
  };
}

function outcomeOf(events: readonly SyncEvent[]): string {
  const last = events.at(-1);
  return last?.type === "session-done" ? last.outcome.kind : "none";
}

function twoTurns(): SessionBuilder {
  const session = new SessionBuilder();
  session.user("one");
  session.assistant("1", { usage: usage(100, 10) });
  session.user("two");
  session.assistant("2", { usage: usage(50, 5) });
  return session;
}

async function setUp() {
  const dir = await tempDir();
  const opensync = await testServer();
  const { sink, calls } = recording(toSink(opensync.client));
  const path = join(dir.path, "2026-03-01T10-00-00-000Z_x.jsonl");
  const state = join(dir.path, "state");
  return {
    path,
    dir,
    calls,
    opensync,
    write: (session: SessionBuilder) => writeFile(path, session.toJsonl()),
    run: (options: Partial<Parameters<typeof runReconcile>[2]> = {}) =>
      runReconcile(path, state, { sink, ...options }),
    forget: () => rm(state, { recursive: true }),
    async read() {
      const all = [...(await opensync.read()).values()];
      return { all, only: all[0]! };
    },
    async [Symbol.asyncDispose]() {
      await opensync[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}

test("sends the session first, then its messages, then its totals without a title", async () => {
  await using at = await setUp();
  await at.write(twoTurns());
  expect(outcomeOf(await at.run())).toBe("sent");
  expect(at.calls.map(({ kind }) => kind)).toEqual([
    "session",
    ...Array.from({ length: 4 }, () => "message"),
    "session",
  ]);
  const first = at.calls[0]?.put as SessionPut;
  const last = at.calls.at(-1)?.put as SessionPut;
  expect(first).toMatchObject({ title: "one", source: "pi", projectName: "engine" });
  expect(first.createdAt).toBe(Date.parse("2026-03-01T10:00:00.000Z"));
  expect(last.title).toBeUndefined();
  const { only } = await at.read();
  expect(only.session).toMatchObject({ promptTokens: 150, completionTokens: 15, messageCount: 4 });
  expect(said(only.messages)).toEqual(["user: one", "assistant: 1", "user: two", "assistant: 2"]);
});

test("finds nothing to do the second time", async () => {
  await using at = await setUp();
  await at.write(twoTurns());
  await at.run();
  at.calls.length = 0;
  expect(outcomeOf(await at.run())).toBe("unchanged");
  expect(at.calls).toEqual([]);
});

test("totals that can wait are told by the run after", async () => {
  await using at = await setUp();
  const session = twoTurns();
  await at.write(session);
  expect(outcomeOf(await at.run({ totals: "later" }))).toBe("sent");
  expect(at.calls.map(({ kind }) => kind).join(" ")).toBe(
    "session message message message message",
  );
  expect((await at.read()).only.session.promptTokens).toBe(0);
  at.calls.length = 0;
  expect(outcomeOf(await at.run({ totals: "later" }))).toBe("unchanged");
  expect(at.calls).toEqual([]);
  expect(outcomeOf(await at.run())).toBe("sent");
  expect(at.calls.map(({ kind }) => kind)).toEqual(["session"]);
  expect((await at.read()).only.session).toMatchObject({
    promptTokens: 150,
    completionTokens: 15,
    messageCount: 4,
  });
  at.calls.length = 0;
  expect(outcomeOf(await at.run())).toBe("unchanged");
  expect(at.calls).toEqual([]);
});

test("a new name is told also where totals wait", async () => {
  await using at = await setUp();
  const session = twoTurns();
  await at.write(session);
  await at.run();
  session.add("session_info", { name: "named" });
  await at.write(session);
  at.calls.length = 0;
  await at.run({ totals: "later" });
  expect(at.calls.map(({ kind }) => kind)).toEqual(["rename"]);
  expect((await at.read()).only.session.title).toBe("named");
});

test("sends only what is new when a session grew, and the totals of all", async () => {
  await using at = await setUp();
  const session = twoTurns();
  await at.write(session);
  await at.run();
  at.calls.length = 0;
  session.user("three");
  session.assistant("3", { usage: usage(7, 7) });
  await at.write(session);
  await at.run();
  expect(at.calls.map(({ kind }) => kind)).toEqual(["message", "message", "session"]);
  const { only } = await at.read();
  expect(only.session).toMatchObject({ promptTokens: 157, completionTokens: 22, messageCount: 6 });
});

test("tells the server of usage that comes without a message", async () => {
  await using at = await setUp();
  const session = twoTurns();
  await at.write(session);
  await at.run();
  session.add("usage", { kind: "cache_warm", usage: usage(0, 0, 1000) });
  await at.write(session);
  await at.run();
  expect((await at.read()).only.session.promptTokens).toBe(1150);
});

test("a torn last line waits for the next run", async () => {
  await using at = await setUp();
  const session = twoTurns();
  const text = session.toJsonl();
  await writeFile(at.path, text.slice(0, -20));
  await at.run();
  expect((await at.read()).only.messages).toHaveLength(3);
  await appendFile(at.path, text.slice(-20));
  await at.run();
  expect(said((await at.read()).only.messages)).toEqual([
    "user: one",
    "assistant: 1",
    "user: two",
    "assistant: 2",
  ]);
});

test("a short session that grows while it is sent is no other session", async () => {
  await using at = await setUp();
  const session = new SessionBuilder();
  session.user("one");
  await at.write(session);
  const sink: Sink = {
    ...toSink(at.opensync.client),
    putMessage: async (put) => {
      if (session.entries.length === 1) {
        session.assistant("1");
        await at.write(session);
      }
      return at.opensync.client.putMessage(put).then(() => true);
    },
  };
  expect(outcomeOf(await at.run({ sink }))).toBe("sent");
  await at.run();
  const { only } = await at.read();
  expect(said(only.messages)).toEqual(["user: one", "assistant: 1"]);
});

test("a jump to an entry that was sent in an earlier run is marked", async () => {
  await using at = await setUp();
  const session = twoTurns();
  await at.write(session);
  await at.run();
  session.goTo(session.entries[1]!.id!);
  session.user("two, differently");
  await at.write(session);
  await at.run();
  expect(said((await at.read()).only.messages).slice(4)).toEqual([
    'system: [went back to the answer "1"]',
    "user: two, differently",
  ]);
});

describe("renaming", () => {
  test("shows the new name and keeps the session searchable by what was said", async () => {
    await using at = await setUp();
    const session = twoTurns();
    session.user("a word like zeppelin");
    await at.write(session);
    await at.run();
    at.calls.length = 0;
    session.add("session_info", { name: "Airships" });
    await at.write(session);
    await at.run();
    expect(at.calls).toEqual([
      { kind: "rename", put: { externalId: expect.any(String), title: "Airships" } },
      { kind: "session", put: expect.any(Object) },
    ]);
    expect((await at.read()).only.session.title).toBe("Airships");
    const { url, apiKey } = at.opensync.server;
    const found = await fetch(`${url}/api/search?q=zeppelin`, {
      headers: { authorization: `Bearer ${apiKey}` },
    });
    expect((await found.json()) as object).toMatchObject({ results: [{ title: "Airships" }] });
  });

  test("of a session before it is sent costs nothing", async () => {
    await using at = await setUp();
    const session = twoTurns();
    session.add("session_info", { name: "Early" });
    await at.write(session);
    await at.run();
    expect(at.calls[0]?.put).toMatchObject({ title: "Early" });
    expect(at.calls.some(({ kind }) => kind === "rename")).toBe(false);
  });
});

describe("what is not known any more", () => {
  test("lost cursors send everything again and double nothing", async () => {
    await using at = await setUp();
    await at.write(twoTurns());
    await at.run();
    await at.forget();
    await at.run();
    expect(at.calls.filter(({ kind }) => kind === "message")).toHaveLength(8);
    expect((await at.read()).only.session.messageCount).toBe(4);
  });

  test("a file that pi migrated is sent again under the same ids", async () => {
    await using at = await setUp();
    const { migrateSessionEntries } = await import("@mariozechner/pi-coding-agent");
    const old = new URL("../../fixtures/sessions/pi-0.13.2_main_v1.jsonl", import.meta.url);
    const text = await Bun.file(old).text();
    await writeFile(at.path, text);
    await at.run();
    const before = (await at.read()).only;
    const entries = text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    migrateSessionEntries(entries);
    await writeFile(at.path, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
    await at.run();
    const after = (await at.read()).only;
    expect(said(after.messages)).toEqual(said(before.messages));
    expect(after.session.messageCount).toBe(before.session.messageCount);
  });

  test("a file that pi migrates in the middle of a run loses and doubles nothing", async () => {
    await using at = await setUp();
    const { migrateSessionEntries } = await import("@mariozechner/pi-coding-agent");
    const { header, entries } = twoTurns();
    const old = [{ ...header, version: 1 }, ...entries.map(({ id, parentId, ...rest }) => rest)];
    const write = (all: object[]) =>
      writeFile(at.path, all.map((line) => `${JSON.stringify(line)}\n`).join(""));
    await write(old);
    let calls = 0;
    const sink: Sink = {
      ...toSink(at.opensync.client),
      putMessage: async (put) => {
        calls += 1;
        if (calls < 3) return at.opensync.client.putMessage(put).then(() => true);
        const migrated = structuredClone(old);
        migrateSessionEntries(migrated as never);
        await write(migrated);
        throw new OpenSyncError("timeout", "slow");
      },
    };
    await at.run({ sink });
    await at.run();
    expect(said((await at.read()).only.messages)).toEqual([
      "user: one",
      "assistant: 1",
      "user: two",
      "assistant: 2",
    ]);
  });

  test("a session whose file was moved goes on where it was", async () => {
    await using at = await setUp();
    const session = twoTurns();
    await at.write(session);
    await at.run();
    at.calls.length = 0;
    const moved = join(at.dir.path, "elsewhere");
    await mkdir(moved);
    await rename(at.path, join(moved, "x.jsonl"));
    const events = await runReconcile(join(moved, "x.jsonl"), join(at.dir.path, "state"), {
      sink: toSink(at.opensync.client),
    });
    expect(outcomeOf(events)).toBe("unchanged");
    expect(events.filter(({ type }) => type === "message")).toEqual([]);
  });

  test("a message that was edited by hand is sent again in place", async () => {
    await using at = await setUp();
    await at.write(twoTurns());
    await at.run();
    const text = twoTurns().toJsonl().replace('"text":"one"', '"text":"one, edited"');
    await writeFile(at.path, text);
    await at.run();
    const { only } = await at.read();
    expect(only.session.messageCount).toBe(4);
    expect(said(only.messages)[0]).toBe("user: one, edited");
  });
});

describe("failures", () => {
  const failing = (sink: Sink, fail: (put: MessagePut) => Error | undefined): Sink => ({
    ...sink,
    putMessage: async (put) => {
      const error = fail(put);
      if (error) throw error;
      return sink.putMessage(put);
    },
  });

  test("a message that is refused for good holds up nothing and is told once", async () => {
    await using at = await setUp();
    await at.write(twoTurns());
    const sink = failing(toSink(at.opensync.client), ({ textContent }) =>
      textContent === "1" ? new OpenSyncError("refused", "too large") : undefined,
    );
    const events = await at.run({ sink });
    expect(outcomeOf(events)).toBe("sent");
    expect(events.filter((event) => event.type === "message" && event.refused)).toHaveLength(1);
    expect(said((await at.read()).only.messages)).toEqual([
      "user: one",
      "user: two",
      "assistant: 2",
    ]);
    expect(outcomeOf(await at.run({ sink }))).toBe("unchanged");
  });

  test("a server in trouble keeps what it has, and the next run sends the rest", async () => {
    await using at = await setUp();
    await at.write(twoTurns());
    const down = failing(toSink(at.opensync.client), ({ textContent }) =>
      textContent === "two" ? new OpenSyncError("unreachable", "gone") : undefined,
    );
    expect(outcomeOf(await at.run({ sink: down }))).toBe("waiting");
    await at.run();
    expect(at.calls.map(({ kind }) => kind)).toEqual(["message", "message", "session"]);
    expect((await at.read()).only.messages).toHaveLength(4);
  });

  test("a jump is not marked twice when the message behind it fails", async () => {
    await using at = await setUp();
    const session = twoTurns();
    session.goTo(session.entries[1]!.id!);
    session.user("back");
    await at.write(session);
    const down = failing(toSink(at.opensync.client), ({ textContent }) =>
      textContent === "back" ? new OpenSyncError("timeout", "slow") : undefined,
    );
    await at.run({ sink: down });
    await at.run();
    const { only } = await at.read();
    expect(said(only.messages).slice(4)).toEqual([
      'system: [went back to the answer "1"]',
      "user: back",
    ]);
  });

  test("a message that fails without a reason is passed over in the third run", async () => {
    await using at = await setUp();
    await at.write(twoTurns());
    const sink = failing(toSink(at.opensync.client), ({ textContent }) =>
      textContent === "1" ? new OpenSyncError("server", "?", { reason: "unknown" }) : undefined,
    );
    const outcomes = [];
    for (let run = 0; run < 3; run++) outcomes.push(outcomeOf(await at.run({ sink })));
    expect(outcomes).toEqual(["failed", "failed", "sent"]);
    expect((await at.read()).only.messages).toHaveLength(3);
  });
});

describe("what is left out", () => {
  test("a session without a prompt is skipped with the reason, and remembered", async () => {
    await using at = await setUp();
    const session = new SessionBuilder();
    session.add("model_change", { provider: "a", modelId: "b" });
    await at.write(session);
    for (let run = 0; run < 2; run++) {
      expect((await at.run()).at(-1)).toMatchObject({
        outcome: { kind: "skipped", reason: "no prompt" },
      });
    }
    session.user("now");
    await at.write(session);
    await at.run();
    expect((await at.read()).all).toHaveLength(1);
  });

  test("a project that was left out is sent when it no longer is", async () => {
    await using at = await setUp();
    await at.write(twoTurns());
    const leaveOut = () => Promise.resolve("excluded");
    expect(outcomeOf(await at.run({ leaveOut }))).toBe("skipped");
    expect(outcomeOf(await at.run())).toBe("sent");
  });

  test("secrets in the names of the project and the model stay here", async () => {
    await using at = await setUp();
    const secret = `ghp_${"a1B2c3D4e5F6".repeat(3)}`;
    const session = new SessionBuilder({ cwd: `/home/ada/${secret}` });
    session.user("hi");
    session.assistant("ho", { provider: secret });
    await at.write(session);
    await at.run();
    expect(JSON.stringify(at.calls)).not.toContain(secret);
  });

  test("metadata only titles every part of a very long session", async () => {
    await using at = await setUp();
    const session = new SessionBuilder();
    for (let turn = 0; turn < 4100; turn++) session.user(`m${turn}`);
    await at.write(session);
    await at.run({ metadataOnly: true });
    const titles = (await at.read()).all.map((conversation) => conversation.session.title);
    expect(new Set(titles)).toEqual(new Set(["m0", "m0 (2)"]));
  });

  test("metadata only sends title, time, tokens and cost, and nothing that was said", async () => {
    await using at = await setUp();
    await at.write(twoTurns());
    await at.run({ metadataOnly: true });
    const { only } = await at.read();
    expect(only.messages).toEqual([]);
    expect(only.session).toMatchObject({ title: "one", promptTokens: 150, durationMs: 3000 });
  });
});

test("ends when it is asked to, and goes on from there", async () => {
  await using at = await setUp();
  await at.write(twoTurns());
  const stop = new AbortController();
  const sink: Sink = {
    ...toSink(at.opensync.client),
    putMessage: async (put) => {
      await at.opensync.client.putMessage(put);
      stop.abort();
      return true;
    },
  };
  expect(outcomeOf(await at.run({ sink, signal: stop.signal }))).toBe("waiting");
  expect((await at.read()).only.messages).toHaveLength(1);
  await at.run();
  expect(at.calls.filter(({ kind }) => kind === "message")).toHaveLength(3);
  expect((await at.read()).only.messages).toHaveLength(4);
});
