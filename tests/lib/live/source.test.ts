import { SessionManager } from "@mariozechner/pi-coding-agent";
import { describe, expect, test } from "bun:test";
import {
  appendFile,
  mkdir,
  readFile,
  readdir,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";

import { fileSource, spoolSource } from "../../../lib/live/source.ts";
import type { LiveSource } from "../../../lib/live/source.ts";
import { SessionBuilder } from "../../support/session.ts";
import { tempDir } from "../../support/temp.ts";

describe("a file of pi", () => {
  test("is born later, grows, is replaced, and goes", async () => {
    await using dir = await tempDir();
    const home = await realpath(dir.path);
    const folder = join(home, ".pi/agent/sessions/--engine--");
    const path = join(folder, "a.jsonl");
    const source = fileSource(path, { env: { HOME: home }, cwd: home });
    expect(source).toMatchObject({ path, isSpooled: false });
    expect(await source.look()).toBeUndefined();
    await mkdir(folder, { recursive: true });
    expect(await source.look()).toBeUndefined();
    await writeFile(path, "one\n");
    const root = join(home, ".pi/agent/sessions");
    const born = { path, size: 4, mtimeMs: (await stat(path)).mtimeMs, nested: false, root };
    expect(await source.look()).toEqual(born);
    await appendFile(path, "two\n");
    expect(await source.look()).toMatchObject({ path, size: 8, root });
    await writeFile(join(folder, "b"), "three, and more\n");
    await rename(join(folder, "b"), path);
    expect(await source.look()).toMatchObject({ path, size: 16, root });
    await rm(path);
    expect(await source.look()).toBeUndefined();
    await writeFile(path, "x");
    expect(await source.look()).toMatchObject({ path, size: 1, root });
  });

  test("has one path, however it is reached, and knows when it is a sub-agent's", async () => {
    await using dir = await tempDir();
    const home = await realpath(dir.path);
    const folder = join(home, ".pi/agent/sessions/--engine--/x/y");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "a.jsonl"), "");
    await symlink(folder, join(home, "link"));
    const source = fileSource(join(home, "link", "a.jsonl"), { env: { HOME: home }, cwd: home });
    expect(await source.look()).toMatchObject({ path: join(folder, "a.jsonl"), nested: true });
    await appendFile(join(folder, "a.jsonl"), "x");
    expect(await source.look()).toMatchObject({ path: join(folder, "a.jsonl"), size: 1 });
  });

  test("is never removed by us", async () => {
    await using dir = await tempDir();
    const path = join(dir.path, "a.jsonl");
    await writeFile(path, "x");
    const source = fileSource(path, { env: {}, cwd: dir.path });
    await source.look();
    await source.discard();
    expect(await readFile(path, "utf8")).toBe("x");
  });
});

/** A spool of a session that is built by the test; `entries` is the builder's own growing list. */
function spoolOf(dir: string, session: SessionBuilder): LiveSource {
  return spoolSource(dir, {
    id: () => session.header.id,
    header: () => session.header,
    entries: () => session.entries,
  });
}

describe("a session without a file", () => {
  test("has none before its first entry", async () => {
    await using dir = await tempDir();
    const source = spoolOf(join(dir.path, "spool"), new SessionBuilder());
    expect(source.isSpooled).toBe(true);
    expect(await source.look()).toBeUndefined();
    await source.discard();
    expect(await readdir(dir.path)).toEqual([]);
  });

  test("gets its header first, and each entry once", async () => {
    await using dir = await tempDir();
    const session = new SessionBuilder();
    const source = spoolOf(join(dir.path, "spool"), session);
    for (let turn = 0; turn < 3; turn++) {
      session.user(`Übung ${turn}\n\u2028`);
      session.assistant("ok");
      const file = await source.look();
      expect(await readFile(source.path, "utf8")).toBe(session.toJsonl());
      expect(file).toMatchObject({ path: source.path, size: (await stat(source.path)).size });
      expect(await source.look()).toEqual(file);
    }
  });

  test("gets each entry once when several look at the same time", async () => {
    await using dir = await tempDir();
    const session = new SessionBuilder();
    const source = spoolOf(dir.path, session);
    for (let turn = 0; turn < 20; turn++) {
      session.user(`turn ${turn}`);
      const looks = [source.look(), source.look()];
      session.assistant("ok");
      await Promise.all([...looks, source.look()]);
    }
    expect(await readFile(source.path, "utf8")).toBe(session.toJsonl());
  });

  test("ends where a fork takes its place in pi's memory, with what was noted before", async () => {
    await using dir = await tempDir();
    const session = new SessionBuilder();
    session.user("one");
    let held = session;
    const source = spoolSource(dir.path, {
      id: () => held.header.id,
      header: () => held.header,
      entries: () => held.entries,
    });
    await source.look();
    session.assistant("1");
    source.note();
    held = new SessionBuilder({ id: "a fork" });
    for (const text of ["one", "two", "three"]) held.user(text);
    await source.look();
    expect(await readFile(source.path, "utf8")).toBe(session.toJsonl());
  });

  test("is written as a whole again where another has removed it", async () => {
    await using dir = await tempDir();
    const session = new SessionBuilder();
    session.user("one");
    const source = spoolOf(dir.path, session);
    await source.look();
    await rm(source.path);
    session.assistant("1");
    await source.look();
    expect(await readFile(source.path, "utf8")).toBe(session.toJsonl());
  });

  test("can be read by nobody else", async () => {
    await using dir = await tempDir();
    const session = new SessionBuilder();
    session.user("one");
    const source = spoolOf(join(dir.path, "spool"), session);
    await source.look();
    expect((await stat(source.path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(dir.path, "spool"))).mode & 0o777).toBe(0o700);
  });

  test("is gone once it is discarded, and whole again when something is added", async () => {
    await using dir = await tempDir();
    const session = new SessionBuilder();
    session.user("one");
    const source = spoolOf(dir.path, session);
    await source.look();
    await source.discard();
    expect(await source.look()).toBeUndefined();
    expect(await readdir(dir.path)).toEqual([]);
    session.assistant("1");
    await source.look();
    expect(await readFile(source.path, "utf8")).toBe(session.toJsonl());
  });

  test("takes the place of what it left before pi loaded us anew", async () => {
    await using dir = await tempDir();
    const session = new SessionBuilder();
    session.user("one");
    await spoolOf(dir.path, session).look();
    session.assistant("1");
    const source = spoolOf(dir.path, session);
    await source.look();
    expect(await readFile(source.path, "utf8")).toBe(session.toJsonl());
  });

  test("is whole after writing failed", async () => {
    await using dir = await tempDir();
    const session = new SessionBuilder();
    session.user("one");
    const spool = join(dir.path, "spool");
    const source = spoolOf(spool, session);
    await source.look();
    await rename(spool, `${spool}.away`);
    await writeFile(spool, "a file in its place");
    session.assistant("1");
    for (let tries = 0; tries < 2; tries++) {
      expect(await source.look().catch(() => "failed")).toBe("failed");
    }
    await rm(spool);
    await source.look();
    expect(await readFile(source.path, "utf8")).toBe(session.toJsonl());
  });

  test("its id can't lead out of the folder", async () => {
    await using dir = await tempDir();
    const source = spoolOf(dir.path, new SessionBuilder({ id: "../../etc/a b" }));
    expect(source.path).toBe(join(dir.path, "..-..-etc-a-b.jsonl"));
  });

  test("is written to the byte as pi writes sessions", async () => {
    await using dir = await tempDir();
    const pi = SessionManager.create(dir.path, join(dir.path, "sessions"));
    const content = [{ type: "text" as const, text: 'Grüße 😀 "\u2028\ud83d\n' }];
    pi.appendMessage({ role: "user", content, timestamp: 1 });
    pi.appendMessage(answer);
    pi.appendSessionInfo("named");
    pi.appendCustomEntry("opensync", { sync: "off" });
    const source = spoolSource(join(dir.path, "spool"), {
      id: () => pi.getSessionId(),
      header: () => pi.getHeader(),
      entries: () => pi.getEntries(),
    });
    await source.look();
    pi.appendMessage({ role: "user", content: "more", timestamp: 2 });
    await source.look();
    expect(await readFile(source.path, "utf8")).toBe(await readFile(pi.getSessionFile()!, "utf8"));
  });
});

const answer: Parameters<SessionManager["appendMessage"]>[0] = {
  role: "assistant",
  content: [{ type: "text", text: "hello" }],
  api: "anthropic-messages",
  provider: "anthropic",
  model: "claude-opus-4-5",
  usage: {
    input: 1,
    output: 1,
    cacheRead: 0,
    cacheWrite: 0,
    totalTokens: 2,
    cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, total: 0 },
  },
  stopReason: "stop",
  timestamp: 1,
};
