import { SessionManager } from "@mariozechner/pi-coding-agent";
import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import type { HostedSession } from "../../extension/host.ts";
import { choosePrivacy, readPrivacy } from "../../extension/privacy.ts";
import { inspectSession } from "../../lib/session/inspect.ts";
import { tempDir } from "../support/temp.ts";

/** A session of pi as we are given it. */
function hosted(pi: SessionManager, more: Partial<HostedSession> = {}): HostedSession {
  const appendEntry = (type: string, data: unknown): void => void pi.appendCustomEntry(type, data);
  return { sessionManager: pi, appendEntry, reason: "startup", ...more } as HostedSession;
}

/** A session in a file, with a turn. */
function startPi(dir: string): SessionManager {
  const pi = SessionManager.create(dir, join(dir, "sessions"));
  addTurn(pi);
  return pi;
}

function addTurn(pi: SessionManager): void {
  pi.appendMessage({ role: "user", content: "hello", timestamp: 1 });
  pi.appendMessage({
    role: "assistant",
    content: [{ type: "text", text: "hi" }],
    stopReason: "stop",
    timestamp: 2,
  } as Parameters<SessionManager["appendMessage"]>[0]);
}

/** Forks a session behind its last entry, as `/fork` and `/clone` do. */
async function fork(pi: SessionManager): Promise<SessionManager> {
  // A copy has to be older than the fork, as it is for people.
  await Bun.sleep(3);
  const path = pi.createBranchedSession(pi.getLeafId()!)!;
  return SessionManager.open(path);
}

test("a session is public where nothing was chosen", async () => {
  await using dir = await tempDir();
  expect(await readPrivacy(hosted(startPi(dir.path)))).toBe("public");
});

test("what was chosen last counts, and stands in the session's file", async () => {
  await using dir = await tempDir();
  const pi = startPi(dir.path);
  for (const [choice, privacy] of [
    ["off", "private"],
    ["on", "public"],
    ["off", "private"],
  ] as const) {
    choosePrivacy(hosted(pi), choice);
    expect(await readPrivacy(hosted(pi))).toBe(privacy);
    addTurn(pi);
    expect(await readPrivacy(hosted(pi))).toBe(privacy);
    expect(await inspectSession(pi.getSessionFile()!)).toMatchObject({ choice });
  }
});

test("a choice on another branch of the session counts, too", async () => {
  await using dir = await tempDir();
  const pi = startPi(dir.path);
  const leaf = pi.getLeafId()!;
  choosePrivacy(hosted(pi), "off");
  pi.branch(leaf);
  addTurn(pi);
  expect(await readPrivacy(hosted(pi))).toBe("private");
});

test("a session in memory has a choice as well", async () => {
  const pi = SessionManager.inMemory();
  expect(await readPrivacy(hosted(pi))).toBe("public");
  choosePrivacy(hosted(pi), "off");
  expect(await readPrivacy(hosted(pi))).toBe("private");
});

describe("forks", () => {
  test("of a public session are public", async () => {
    await using dir = await tempDir();
    expect(await readPrivacy(hosted(await fork(startPi(dir.path))))).toBe("public");
  });

  test("that copied the choice of a private one are asked about, until something is chosen", async () => {
    await using dir = await tempDir();
    const pi = startPi(dir.path);
    choosePrivacy(hosted(pi), "off");
    const forked = await fork(pi);
    expect(await readPrivacy(hosted(forked))).toBe("ask");
    choosePrivacy(hosted(forked), "off");
    expect(await readPrivacy(hosted(forked))).toBe("private");
    choosePrivacy(hosted(forked), "on");
    expect(await readPrivacy(hosted(forked))).toBe("public");
  });

  test("of one that became private later are asked about", async () => {
    await using dir = await tempDir();
    const pi = startPi(dir.path);
    const path = pi.getSessionFile()!;
    const forked = await fork(pi);
    choosePrivacy(hosted(SessionManager.open(path)), "off");
    expect(await readPrivacy(hosted(forked))).toBe("ask");
  });

  test("of a fork of a private one are asked about", async () => {
    await using dir = await tempDir();
    const pi = startPi(dir.path);
    const path = pi.getSessionFile()!;
    const second = await fork(await fork(pi));
    choosePrivacy(hosted(SessionManager.open(path)), "off");
    expect(await readPrivacy(hosted(second))).toBe("ask");
  });

  test("at the first message, which may not name their parent, follow the session before", async () => {
    await using dir = await tempDir();
    const pi = startPi(dir.path);
    choosePrivacy(hosted(pi), "off");
    const previousSessionFile = pi.getSessionFile();
    const next = SessionManager.create(dir.path, join(dir.path, "sessions"));
    expect(await readPrivacy(hosted(next, { reason: "fork", previousSessionFile }))).toBe("ask");
    expect(await readPrivacy(hosted(next, { reason: "new", previousSessionFile }))).toBe("public");
  });
});
