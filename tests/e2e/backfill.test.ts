import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { appendFile, cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { StoredConversation } from "../../lib/opensync/incoming.ts";
import { toldSession } from "../support/arbitrary-session.ts";
import { runCli, startCli, startServe } from "../support/cli.ts";
import { faultyProxy } from "../support/faulty-proxy.ts";
import type { Fault } from "../support/faulty-proxy.ts";
import { freePort } from "../support/free-port.ts";
import { refusingServer } from "../support/refusing-server.ts";
import { clientOf, readSessions, said } from "../support/server.ts";
import { SessionBuilder } from "../support/session.ts";
import { tempDir } from "../support/temp.ts";

const fixtures = join(import.meta.dirname, "../fixtures/sessions");

async function serveAt() {
  const dir = await tempDir();
  const server = await startServe(dir.path);
  return {
    home: dir.path,
    server,
    run: (args: string[], url = server.url) =>
      runCli(dir.path, ["backfill", ...args], server.env(url)),
    read: () => readSessions(clientOf(server.url, server.apiKey)),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** Puts sessions where pi has them. */
async function writeSessions(home: string, sessions: readonly SessionBuilder[]): Promise<void> {
  const dir = join(home, ".pi/agent/sessions/--home-ada-engine--");
  await mkdir(dir, { recursive: true });
  for (const session of sessions) {
    await writeFile(join(dir, `2026-03-01_${session.header.id}.jsonl`), session.toJsonl());
  }
}

function longSession(turns: number, id = "019e742e-9d84-7578-90d7-674f47fc7c07"): SessionBuilder {
  const session = new SessionBuilder({ id });
  for (let turn = 0; turn < turns; turn++) {
    session.user(`prompt ${turn}`);
    session.assistant(`answer ${turn}`);
  }
  return session;
}

test("every session that pi ever wrote arrives complete, and a second run finds nothing", async () => {
  await using at = await serveAt();
  const first = await at.run(["--sessions", fixtures, "--json"]);
  expect(first.exitCode).toBe(0);
  expect(JSON.parse(first.stdout)).toMatchObject({
    schemaVersion: 1,
    sessions: { found: 20, sent: 19, unchanged: 0, skipped: 1, failed: 0 },
    messages: { failed: 0, unchanged: 0 },
    skipped: [{ reason: "event log, not a session file" }],
  });
  const stored = await at.read();
  expect(stored.size).toBe(19);
  for (const name of (await readdir(fixtures)).filter((name) => name.endsWith(".jsonl"))) {
    expectComplete(await readFile(join(fixtures, name), "utf8"), stored);
  }

  const second = await at.run(["--sessions", fixtures, "--json"]);
  expect(JSON.parse(second.stdout)).toMatchObject({
    sessions: { found: 20, sent: 0, unchanged: 19, skipped: 1 },
    messages: { sent: 0, unchanged: JSON.parse(first.stdout).messages.sent },
  });
}, 60_000);

/** Each prompt and each answer of a session file stands on the server, in the order of the file. */
function expectComplete(file: string, stored: Map<string, StoredConversation>): void {
  const lines = file.split("\n").flatMap((line) => {
    try {
      return [JSON.parse(line)];
    } catch {
      return [];
    }
  });
  if (lines[1]?.type === "agent_start") return;
  const id = [...stored.keys()].find((key) => key.startsWith(`pi:${lines[0].id}`));
  const messages = stored.get(id ?? "")?.messages ?? [];
  const texts = lines
    .filter(({ type }) => type === "message")
    .filter(({ message: { role } }) => role === "user" || role === "assistant")
    .flatMap(({ message: { content, role } }) =>
      (typeof content === "string" ? [{ type: "text", text: content }] : content)
        .filter(
          ({ type, text }: { type: string; text?: string }) => type === "text" && text?.trim(),
        )
        .map(({ text }: { text: string }) => ({ role, text })),
    );
  let at = 0;
  for (const { role, text } of texts) {
    at = messages.findIndex(
      (message, index) =>
        index >= at && message.role === role && message.textContent?.includes(text),
    );
    expect(at, `"${text.slice(0, 60)}" of ${id}`).toBeGreaterThanOrEqual(0);
  }
}

const weather: Fault[] = ["drop", "lose-answer", "cut-answer", "500", "conflict", "429", "page"];

test("a faulty network changes nothing in the end", async () => {
  await using at = await serveAt();
  await using calm = await serveAt();
  const sessions = fc.sample(toldSession, { numRuns: 12, seed: 7 }).map(({ session }) => session);
  await writeSessions(at.home, sessions);
  await writeSessions(calm.home, sessions);
  let request = 0;
  await using proxy = await faultyProxy(at.server.url, () => {
    request += 1;
    // Every fourth request fails; the conflicts, which are waited out for seconds, seldom.
    if (request % 4 !== 0) return undefined;
    const fault = weather[(request / 4) % weather.length];
    return fault === "conflict" && request > 60 ? "500" : fault;
  });
  for (let run = 0; run < 3; run++) await at.run(["--json"], proxy.url);
  const last = await at.run(["--json"], proxy.url);
  expect(JSON.parse(last.stdout)).toMatchObject({ sessions: { sent: 0, failed: 0, waiting: 0 } });
  expect(proxy.counts.size).toBe(weather.length + 1);

  await calm.run(["--json"]);
  const [stormy, still] = [await at.read(), await calm.read()];
  expect([...stormy.keys()].sort()).toEqual([...still.keys()].sort());
  for (const [id, { session, messages }] of still) {
    expect(said(stormy.get(id)?.messages ?? [])).toEqual(said(messages));
    expect(stormy.get(id)?.session).toMatchObject({
      title: session.title!,
      totalTokens: session.totalTokens,
      messageCount: session.messageCount,
    });
  }
}, 120_000);

test("killed at any moment and run again, everything is there once", async () => {
  await using at = await serveAt();
  const sessions = [1, 2, 3].map((n) =>
    longSession(200, `019e742e-9d84-7578-90d7-00000000000${n}`),
  );
  await writeSessions(at.home, sessions);
  let kills = 0;
  for (let round = 0; round < 6; round++) {
    const run = startCli(at.home, ["backfill", "--concurrency", "2"], at.server.env());
    await Bun.sleep(60 + 25 * round);
    run.kill("SIGKILL");
    if ((await run.ended).exitCode === 137) kills += 1;
  }
  expect(kills).toBeGreaterThan(0);
  expect((await at.run([])).exitCode).toBe(0);
  for (const { session, messages } of (await at.read()).values()) {
    expect(session.messageCount).toBe(400);
    expect(said(messages)).toEqual(
      Array.from({ length: 400 }, (_, n) =>
        n % 2 === 0 ? `user: prompt ${n / 2}` : `assistant: answer ${(n - 1) / 2}`,
      ),
    );
  }
}, 60_000);

test("two backfills at once send everything once", async () => {
  await using at = await serveAt();
  const sessions = [1, 2, 3].map((n) => longSession(60, `019e742e-9d84-7578-90d7-00000000000${n}`));
  await writeSessions(at.home, sessions);
  const both = await Promise.all([at.run([]), at.run([])]);
  expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  const stored = [...(await at.read()).values()];
  expect(stored.map(({ session }) => session.messageCount)).toEqual([120, 120, 120]);
  expect(JSON.parse((await at.run(["--json"])).stdout)).toMatchObject({
    sessions: { sent: 0, unchanged: 3 },
    messages: { sent: 0, unchanged: 360 },
  });
});

test("the first Ctrl-C ends after the request in flight and says how to go on", async () => {
  await using at = await serveAt();
  await writeSessions(at.home, [longSession(300)]);
  let requests = 0;
  await using slow = await faultyProxy(at.server.url, () => (requests++, undefined));
  const run = startCli(at.home, ["backfill"], at.server.env(slow.url));
  while (requests < 20) await Bun.sleep(5);
  run.kill("SIGINT");
  const { exitCode, stderr } = await run.ended;
  expect(exitCode).toBe(130);
  expect(stderr).toContain("the same command goes on from there");
  const stored = [...(await at.read()).values()][0]?.messages.length ?? 0;
  expect(stored).toBeGreaterThan(0);
  expect(stored).toBeLessThan(600);
  const rest = JSON.parse((await at.run(["--json"], slow.url)).stdout);
  expect(rest.messages.sent).toBe(600 - stored);
}, 60_000);

test("--verify finds and mends what the server lost", async () => {
  await using at = await serveAt();
  await writeSessions(at.home, [longSession(5)]);
  await at.run([]);
  const nothing = await at.run(["--verify", "--json"]);
  expect(JSON.parse(nothing.stdout)).toMatchObject({
    sessions: { sent: 0, unchanged: 1 },
    messages: { sent: 0, unchanged: 10 },
  });
  const client = clientOf(at.server.url, at.server.apiKey);
  const [{ messages }] = [...(await at.read()).values()] as [StoredConversation];
  await client.putMessage({
    sessionExternalId: "pi:019e742e-9d84-7578-90d7-674f47fc7c07",
    externalId: messages[3]!.externalId,
    role: "assistant",
    textContent: "damaged",
    parts: [],
  });
  const mended = await at.run(["--verify", "--json"]);
  expect(JSON.parse(mended.stdout)).toMatchObject({ messages: { sent: 1, unchanged: 9 } });
  expect(said([...(await at.read()).values()][0]!.messages)[3]).toBe("assistant: answer 1");
});

test("--dry-run sends nothing, and --show lists the secrets, masked", async () => {
  await using at = await serveAt();
  const secret = `ghp_${"a1B2c3D4e5F6".repeat(3)}`;
  const session = new SessionBuilder();
  session.user(`use ${secret} to push`);
  session.assistant("Done.");
  await writeSessions(at.home, [session]);
  const dry = await at.run(["--dry-run", "--show"]);
  expect(dry.stdout).toContain("would be sent  1 session");
  expect(dry.stderr).toContain("ghp_…");
  expect(dry.stdout + dry.stderr).not.toContain(secret);
  expect((await at.read()).size).toBe(0);

  await at.run([]);
  const [conversation] = (await at.read()).values();
  expect(JSON.stringify(conversation)).not.toContain(secret);
  expect(conversation?.session.title).toMatch(/^use \[redacted:.+\] to push$/);
});

describe("exit codes", () => {
  test("2 for wrong usage, with the flag that was meant", async () => {
    await using at = await serveAt();
    const { exitCode, stderr, stdout } = await at.run(["--dry-rnu"]);
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toContain("Did you mean '--dry-run'?");
    expect((await at.run(["--limit", "many"])).exitCode).toBe(2);
    expect((await at.run(["--session"])).exitCode).toBe(2);
    expect((await at.run(["--since", "yesterday-ish"])).exitCode).toBe(2);
    expect((await at.run(["surplus"])).exitCode).toBe(2);
  });

  test("3 without a configuration, with what to do", async () => {
    await using dir = await tempDir();
    const { exitCode, stderr } = await runCli(dir.path, ["backfill"]);
    expect(exitCode).toBe(3);
    expect(stderr).toContain("pi-opensync serve --backfill");
  });

  test("4 for a refused key, at once, without the key on the screen", async () => {
    await using at = await serveAt();
    await writeSessions(at.home, [longSession(2)]);
    const key = "osk_wrongwrongwrongwrongwrongwrong12";
    const env = { ...at.server.env(), PI_OPENSYNC_API_KEY: key };
    const { exitCode, stderr, stdout } = await runCli(at.home, ["backfill", "--verbose"], env);
    expect(exitCode).toBe(4);
    expect(stdout + stderr).not.toContain(key);
  });

  test("5 for a web page in place of an OpenSync", async () => {
    await using at = await serveAt();
    await writeSessions(at.home, [longSession(2)]);
    const page = Bun.serve({
      port: 0,
      fetch: () => new Response("<html>hi</html>", { headers: { "content-type": "text/html" } }),
    });
    const { exitCode, stderr } = await at.run([], page.url.href);
    await page.stop(true);
    expect(exitCode).toBe(5);
    expect(stderr).toContain("not OpenSync's");
  });

  test("6 where a message was refused and the rest arrived", async () => {
    await using at = await serveAt();
    await writeSessions(at.home, [longSession(2)]);
    await using proxy = refusingServer(at.server.url, "answer 0");
    const { exitCode, stdout } = await at.run([], proxy.url);
    expect(exitCode).toBe(6);
    expect(stdout).toContain("Refused by the server for good");
    expect((await at.run([], proxy.url)).exitCode).toBe(0);
    expect([...(await at.read()).values()][0]?.messages).toHaveLength(3);
  });
});

describe("serve --backfill", () => {
  test("takes in what is there, and follows what is added", async () => {
    await using dir = await tempDir();
    const session = longSession(2);
    await writeSessions(dir.path, [session]);
    await using server = await startServe(dir.path, ["--backfill"]);
    const client = clientOf(server.url, server.apiKey);
    const messagesAre = async (count: number): Promise<void> => {
      for (let tries = 0; tries < 200; tries++) {
        const [found] = (await readSessions(client)).values();
        if (found?.messages.length === count) return;
        await Bun.sleep(50);
      }
      throw new Error(`never ${count} messages`);
    };
    await messagesAre(4);
    session.user("one more");
    const path = join(
      dir.path,
      `.pi/agent/sessions/--home-ada-engine--/2026-03-01_${session.header.id}.jsonl`,
    );
    await appendFile(path, `${JSON.stringify(session.entries.at(-1))}\n`);
    await messagesAre(5);
    server.process.kill("SIGINT");
    expect((await server.process.ended).exitCode).toBe(130);
  }, 30_000);

  test("shows samples where there are no sessions, and says so", async () => {
    await using dir = await tempDir();
    const server = startCli(dir.path, ["serve", "--port", "0", "--backfill", "--samples"]);
    while (!server.stderr().includes("4 sessions")) await Bun.sleep(20);
    server.kill("SIGTERM");
    const { exitCode, stderr, stdout } = await server.ended;
    expect(exitCode).toBe(143);
    expect(stderr).toContain("no pi sessions on this machine yet");
    expect(stdout).toContain("OpenSync-compatible server at http://127.0.0.1:");
    expect(stdout).toMatch(/look at it {2}http:\/\/127\.0\.0\.1:\d+\/#login=[\w-]{32}\n/);
    expect(stdout).not.toContain("pi-opensync open");
    expect(await readdir(dir.path)).toEqual([]);
  }, 30_000);
});

test("serve names the way to another link where 'open' leads to it", async () => {
  await using dir = await tempDir();
  const port = await freePort();
  for (const [url, isNamed] of [
    [`http://localhost:${port}`, true],
    ["https://api.opensync.dev", false],
    ["http://a b/", false],
  ] as const) {
    const env = { PI_OPENSYNC_CONVEX_URL: url };
    const server = startCli(dir.path, ["serve", "--port", `${port}`], env);
    await server.firstLine();
    server.kill("SIGTERM");
    expect((await server.ended).stdout.includes("another: pi-opensync open")).toBe(isNamed);
  }
});

test("a list of projects that names none does not mean all, and a file is no folder", async () => {
  await using at = await serveAt();
  await writeSessions(at.home, [longSession(1)]);
  const file = join(at.home, "file");
  await writeFile(file, "");
  for (const [args, message] of [
    [["--project", ","], "--project names nothing: ','"],
    [["--exclude", " "], "--exclude names nothing: ' '"],
    [["--sessions", file], `there is no folder '${file}'`],
  ] as const) {
    const { exitCode, stderr } = await at.run([...args]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
  }
  expect((await at.read()).size).toBe(0);
});

test("pi's own files are left as they are", async () => {
  await using at = await serveAt();
  await cp(fixtures, join(at.home, "copy"), { recursive: true });
  await at.run(["--sessions", join(at.home, "copy")]);
  for (const name of await readdir(fixtures)) {
    expect(await Bun.file(join(at.home, "copy", name)).text()).toBe(
      await Bun.file(join(fixtures, name)).text(),
    );
  }
});
