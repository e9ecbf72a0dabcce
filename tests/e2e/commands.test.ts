import { describe, expect, test } from "bun:test";
import { closeSync, openSync, truncateSync, utimesSync } from "node:fs";
import { appendFile, chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { openMarks } from "../../lib/live/marks.ts";
import { choiceData, choiceEntryType } from "../../lib/session/choice.ts";
import { startCli } from "../support/cli.ts";
import { commandHome, servedHome } from "../support/command-home.ts";
import type { ServedHome } from "../support/command-home.ts";
import { SessionBuilder } from "../support/session.ts";
import { until } from "../support/pi/until.ts";
import { refusingServer } from "../support/refusing-server.ts";

function sessionOf(n: number, prompt: string, cwd = "/home/ada/engine"): SessionBuilder {
  const session = new SessionBuilder({ id: `0000000${n}-9d84-7578-90d7-674f47fc7c07`, cwd });
  session.user(prompt);
  session.assistant("Done.");
  return session;
}

/** Adds a prompt to a session as pi would. */
async function goOn(path: string, session: SessionBuilder, prompt: string): Promise<void> {
  session.user(prompt);
  await appendFile(path, `${JSON.stringify(session.entries.at(-1))}\n`);
}

const liveDir = (home: ServedHome): string => join(home.path, ".local/state/pi-opensync/live");

/** Leaves a session behind, as a pi that was killed. */
async function leaveBehind(home: ServedHome, path: string, isSpooled = false): Promise<void> {
  const dir = liveDir(home);
  await openMarks(dir, Date.now).claim({ path, isSpooled });
  for (const name of await readdir(dir)) {
    const mark = await readFile(join(dir, name), "utf8");
    await rm(join(dir, name));
    await writeFile(join(dir, name.replace(/\d+$/, "999999999")), mark);
  }
}

describe("status", () => {
  test("tells what is sent, and what waits for which command", async () => {
    await using home = await servedHome();
    const first = sessionOf(1, "one");
    const path = await home.addSession(first);
    const before = await home.run(["status"]);
    expect(before.stdout).toStartWith("OpenSync: nothing is sent yet\n");
    expect(before.stdout).toContain("pi-opensync backfill sends the rest.");

    const started = Date.now();
    await home.run(["backfill"]);
    await home.addSession(sessionOf(2, "two"));
    await goOn(path, first, "more");
    const { stdout, exitCode } = await home.run(["status"]);
    expect(exitCode).toBe(0);
    expect(stdout).toStartWith("OpenSync: 1 session waits\n");
    expect(stdout).toContain(`${home.server.url}, key osk_…${home.server.apiKey.slice(-4)}`);
    expect(stdout).not.toContain(home.server.apiKey);
    const document = await home.json(["status"]);
    expect(document).toMatchObject({
      schemaVersion: 1,
      server: home.server.url,
      sessions: { synced: 0, waiting: 1, new: 1, failed: 0, skipped: 0, private: 0 },
      configFile: home.configFile,
      overrides: [],
    });
    expect(Date.parse(document.lastSuccessAt)).toBeWithin(started, Date.now() + 1);
  });

  test("tells of sessions that a pi sees to, and of those that one left behind", async () => {
    await using home = await servedHome();
    const path = await home.addSession(sessionOf(1, "one"));
    await leaveBehind(home, path);
    const worker = Bun.spawn(
      [
        process.execPath,
        join(import.meta.dirname, "../fixtures/marks-worker.ts"),
        liveDir(home),
        "/live.jsonl",
      ],
      { stdout: "pipe" },
    );
    await until("a mark", async () => (await readdir(liveDir(home))).length === 2);
    const document = await home.json(["status"]);
    worker.kill("SIGKILL");
    expect(document).toMatchObject({ underWay: ["/live.jsonl"], leftBehind: [path] });
  });

  test("a session with a refused message has failed, with the server's words", async () => {
    await using home = await servedHome();
    await home.addSession(sessionOf(1, "one"));
    await using server = refusingServer(home.server.url, "Done.");
    await home.writeConfig({ url: server.url, apiKey: home.server.apiKey });
    expect((await home.run(["backfill"])).exitCode).toBe(6);
    expect(await home.json(["status"])).toMatchObject({
      sessions: { failed: 1 },
      failed: [{ reason: expect.stringContaining("Value is too large") }],
    });
    const { stdout } = await home.run(["list", "--state", "failed"]);
    expect(stdout).toContain("Value is too large");
  });
});

describe("sync", () => {
  test("sends what was added, and leaves to a backfill what was never sent", async () => {
    await using home = await servedHome();
    const first = sessionOf(1, "one");
    const path = await home.addSession(first);
    await home.run(["backfill"]);
    await home.addSession(sessionOf(2, "two"));
    await goOn(path, first, "more");
    expect(await home.json(["sync"])).toMatchObject({
      schemaVersion: 1,
      sessions: { found: 1, sent: 1 },
      messages: { sent: 1, unchanged: 2 },
    });
    expect(await home.stored()).toEqual({ one: 3 });
    const { stdout, exitCode } = await home.run(["sync"]);
    expect([stdout, exitCode]).toEqual([
      "  sent       0 sessions  0 messages\n  unchanged  1 session\n",
      0,
    ]);
  });

  test("finishes what a pi left behind, and removes what pi itself does not keep", async () => {
    await using home = await servedHome();
    const kept = await home.addSession(sessionOf(1, "kept"));
    const spool = join(home.path, ".local/state/pi-opensync/spool");
    await mkdir(spool, { recursive: true });
    const spooled = join(spool, "00000002.jsonl");
    await writeFile(spooled, sessionOf(2, "of --no-session").toJsonl());
    await leaveBehind(home, kept);
    await leaveBehind(home, spooled, true);
    await leaveBehind(home, join(home.path, "gone.jsonl"));

    expect((await home.run(["sync"])).exitCode).toBe(0);
    expect(await home.stored()).toEqual({ kept: 2, "of --no-session": 2 });
    expect(await readdir(liveDir(home))).toEqual([]);
    expect(await readdir(spool)).toEqual([]);
    expect(await Bun.file(kept).exists()).toBe(true);
  });

  test("keeps for later what does not get through", async () => {
    await using home = await servedHome();
    const path = await home.addSession(sessionOf(1, "one"));
    await leaveBehind(home, path);
    const page = Bun.serve({ port: 0, fetch: () => new Response("<html>", { status: 404 }) });
    const env = { PI_OPENSYNC_CONVEX_URL: `http://127.0.0.1:${page.port}` };
    const { exitCode } = await home.run(["sync"], { env });
    await page.stop(true);
    expect(exitCode).toBe(5);
    expect(await readdir(liveDir(home))).toHaveLength(1);
    expect((await home.run(["sync"])).exitCode).toBe(0);
    expect(await readdir(liveDir(home))).toEqual([]);
  });

  test("a private session that was left behind is let go, and not sent", async () => {
    await using home = await servedHome();
    const session = sessionOf(1, "secret plans");
    session.add("custom", { customType: choiceEntryType, data: choiceData("off") });
    await leaveBehind(home, await home.addSession(session));
    expect((await home.run(["sync"])).exitCode).toBe(0);
    expect(await home.stored()).toEqual({});
    expect(await readdir(liveDir(home))).toEqual([]);
  });

  test("ends with 4 where the key is refused, and Ctrl-C with 130", async () => {
    await using home = await servedHome();
    const session = sessionOf(1, "one");
    const path = await home.addSession(session);
    await leaveBehind(home, path);
    const key = `osk_${"w".repeat(32)}`;
    const refused = await home.run(["sync"], { env: { PI_OPENSYNC_API_KEY: key } });
    expect(refused.exitCode).toBe(4);
    expect(refused.stdout + refused.stderr).not.toContain(key);

    const silent = Bun.serve({ port: 0, idleTimeout: 0, fetch: () => new Promise(() => {}) });
    const env = { PI_OPENSYNC_CONVEX_URL: `http://127.0.0.1:${silent.port}` };
    const terminal = home.terminal(["sync"], 80, env);
    await until("a request", () => silent.pendingRequests > 0);
    terminal.type("\u0003");
    await terminal.sees("Ending after the request in flight");
    terminal.type("\u0003");
    expect(await terminal.exitCode).toBe(130);
    await silent.stop(true);
  });
});

describe("list", () => {
  test("shows sessions, latest first, with state, title and project", async () => {
    await using home = await servedHome();
    await home.addSession(sessionOf(1, "one"));
    await home.run(["backfill"]);
    await home.addSession(sessionOf(2, "two", "/home/ada/clock"));
    await Bun.sleep(10);
    const path = await home.addSession(new SessionBuilder({ id: "00000003" }));
    const { sessions } = await home.json(["list"]);
    expect(sessions).toMatchObject([
      { state: "skipped", reason: "no prompt", path },
      {
        state: "new",
        title: "two",
        project: "/home/ada/clock",
        externalId: expect.stringMatching(/^pi:00000002-/),
      },
      { state: "synced", title: "one", project: "/home/ada/engine" },
    ]);
    const { stdout, exitCode } = await home.run(["list"]);
    expect(exitCode).toBe(0);
    expect(stdout.split("\n").map((line) => line.slice(14).replace(/\d+ B/, "SIZE"))).toEqual([
      "skipped  SIZE  00000003          2026-03-01_00000003.jsonl (no prompt)",
      "new      SIZE  00000002  clock   two",
      "synced   SIZE  00000001  engine  one",
      "",
    ]);
  });

  test("is filtered by project, state, time and number", async () => {
    await using home = await servedHome();
    for (const n of [1, 2, 3])
      await home.addSession(sessionOf(n, `prompt ${n}`, `/home/ada/p${n}`));
    await home.run(["backfill", "--project", "/home/ada/p1"]);
    const titles = async (...args: string[]): Promise<string[]> =>
      (await home.json(["list", ...args])).sessions
        .map(({ title }: { title: string }) => title)
        .sort();
    expect(await titles("--project", "~/p1,/home/ada/p2")).toEqual(["prompt 2"]);
    expect(await titles("--project", "p*")).toHaveLength(3);
    expect(await titles("--state", "synced")).toEqual(["prompt 1"]);
    expect(await titles("--state", "new,failed")).toEqual(["prompt 2", "prompt 3"]);
    expect(await titles("--since", "1h")).toHaveLength(3);
    expect(await titles("--until", "1h")).toEqual([]);
    expect(await titles("--limit", "2")).toHaveLength(2);
    const { stderr } = await home.run(["list", "--limit", "2"]);
    expect(stderr).toContain("--limit 4");
    const mistyped = await home.run(["list", "--state", "wating"]);
    expect(mistyped.exitCode).toBe(2);
    expect(mistyped.stderr).toContain("Did you mean 'waiting'?");
  });

  test("shows titles as they are sent, without secrets", async () => {
    await using home = await servedHome();
    const secret = `ghp_${"a1B2c3D4e5F6".repeat(3)}`;
    await home.addSession(sessionOf(1, `use ${secret}`));
    const { stdout } = await home.run(["list"]);
    expect(stdout).toContain("use [redacted:");
    expect(stdout).not.toContain(secret);
  });

  test("opens no more files than it shows, of 10,000", async () => {
    await using home = await servedHome();
    const dir = join(home.path, ".pi/agent/sessions/--big--");
    await mkdir(dir, { recursive: true });
    // Files that take no space on the disk, and minutes to read.
    for (let n = 0; n < 10_000; n++) {
      const path = join(dir, `2025-03-01_${n}.jsonl`);
      closeSync(openSync(path, "w"));
      truncateSync(path, 50_000_000);
      utimesSync(path, 1_740_000_000, 1_740_000_000);
    }
    for (let n = 1; n < 9; n++) await home.addSession(sessionOf(n, `prompt ${n}`));
    const { stdout } = await home.run(["list", "--limit", "8"]);
    expect(stdout.match(/prompt/g)).toHaveLength(8);
  });
});

describe("open", () => {
  /** A browser that writes down what it is to open. */
  async function browser(home: ServedHome) {
    const bin = join(home.path, "bin");
    await mkdir(bin);
    await writeFile(join(bin, "xdg-open"), `#!/bin/sh\nprintf %s "$1" > "${home.path}/opened"\n`);
    await chmod(join(bin, "xdg-open"), 0o755);
    return {
      env: { PATH: `${bin}:${process.env["PATH"]}`, DISPLAY: ":0" },
      opened: () =>
        until("a browser", () =>
          Bun.file(join(home.path, "opened"))
            .text()
            .catch(() => "")
            // The file is there before what it is to hold.
            .then((address) => address || undefined),
        ),
    };
  }

  test.if(process.platform === "linux")("opens a session by the beginning of its id", async () => {
    await using home = await servedHome();
    await home.addSession(sessionOf(1, "one"));
    const { env, opened } = await browser(home);
    const url = `${home.server.url}/sessions/pi%3A00000001-9d84-7578-90d7-674f47fc7c07#login=`;
    const { stdout, stderr, exitCode } = await home.run(["open", "00000001"], { env });
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    expect(stdout).toStartWith(url);
    expect(await opened()).toBe(stdout.trim());
  });

  test.if(process.platform === "linux")("serve opens the dashboard with --open alone", async () => {
    await using home = await servedHome();
    const { env, opened } = await browser(home);
    for (const flags of [[], ["--open"]]) {
      await using dir = await commandHome();
      const server = startCli(dir.path, ["serve", "--port", "0", "--json", ...flags], env);
      const { link, url } = JSON.parse(await server.firstLine());
      expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#login=[\w-]{32}$/);
      if (flags.length > 0) expect(await opened()).toStartWith(`${url}/#login=`);
      server.kill("SIGTERM");
      await server.ended;
      const isOpened = await Bun.file(join(home.path, "opened")).exists();
      expect(isOpened).toBe(flags.length > 0);
    }
  });

  test("prints the address where there is no browser, and with --print", async () => {
    await using home = await servedHome();
    const { stdout, stderr } = await home.run(["open"]);
    const link = new RegExp(`^${RegExp.escape(home.server.url)}/#login=[\\w-]{32}\n?$`);
    expect(stdout).toMatch(link);
    if (process.platform === "linux") expect(stderr).toContain("No browser opens here");
    expect((await home.run(["open", "--print"])).stderr).toBe("");
    expect(await home.json(["open", "--print"])).toEqual({
      schemaVersion: 1,
      url: expect.stringMatching(link),
      isOpened: false,
    });
    await home.writeConfig({ url: "api.opensync.dev" });
    expect((await home.run(["open", "--print"])).stdout).toBe("https://app.opensync.dev\n");
  });

  test("tells how to start a server of this machine that does not run", async () => {
    await using home = await servedHome();
    await home.server[Symbol.asyncDispose]();
    const { stdout, stderr, exitCode } = await home.run(["open"]);
    expect([stdout, exitCode]).toEqual(["", 5]);
    expect(stderr).toContain(`The server at ${home.server.url} is not running`);
    expect(stderr).toContain("pi-opensync serve --backfill --port");
  });

  test("finds the server of this machine without any configuration", async () => {
    await using home = await servedHome();
    await rm(home.configFile);
    await home.server[Symbol.asyncDispose]();
    const { stderr, exitCode } = await home.run(["open"]);
    // Its port may be taken on this machine, by a server that has another key.
    expect(exitCode).toBeOneOf([0, 4, 5]);
    if (exitCode === 5)
      expect(stderr).toContain("The server at http://127.0.0.1:4747 is not running");
  });

  test("a session that is none, or several, is wrong usage", async () => {
    await using home = await servedHome();
    for (const n of [1, 2]) await home.addSession(sessionOf(n, "one"));
    for (const [id, message] of [
      ["nothing", "there is no session 'nothing'"],
      ["0000000", "there are 2 sessions '0000000'"],
    ] as const) {
      const { stderr, exitCode } = await home.run(["open", id]);
      expect(exitCode).toBe(2);
      expect(stderr).toContain(message);
    }
  });
});

test("list needs no server", async () => {
  await using home = await commandHome();
  await home.addSession(sessionOf(1, "to be sent one day"));
  const { exitCode, stdout } = await home.run(["list"]);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/new .*to be sent one day/);
});

test.each(["status", "sync", "open"])("%s without a configuration ends with 3", async (command) => {
  await using home = await commandHome();
  const { exitCode, stdout, stderr } = await home.run([command]);
  expect([exitCode, stdout]).toEqual([3, ""]);
  expect(stderr).toContain("not configured yet");
});

describe("exit codes", () => {
  const all = ["status", "sync", "list", "open"];

  test.each(all)("2 for %s with a configuration that can't be used", async (command) => {
    await using home = await commandHome();
    await home.writeConfig({ url: "http://plain.example", apiKey: "osk_x", redact: "maybe" });
    const { exitCode, stderr } = await home.run([command]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('is "maybe"');
  });

  test.each(["status", "sync", "list"])(
    "1 for %s where the cursors can't be read",
    async (command) => {
      await using home = await servedHome();
      await home.addSession(sessionOf(1, "one"));
      await writeFile(join(home.path, "state"), "");
      await writeFile(join(home.path, "pi-opensync"), "");
      const { exitCode, stderr } = await home.run([command], {
        env: { XDG_STATE_HOME: home.path },
      });
      expect(exitCode).toBe(1);
      expect(stderr).toContain("ENOTDIR: not a directory");
      expect(stderr).not.toContain("    at ");
    },
  );

  test("6 for a sync of which a message is refused, and 0 when it was told", async () => {
    await using home = await servedHome();
    const session = sessionOf(1, "one");
    const path = await home.addSession(session);
    await home.run(["backfill"]);
    await goOn(path, session, "too large");
    await goOn(path, session, "more");
    await using server = refusingServer(home.server.url, "too large");
    const env = { PI_OPENSYNC_CONVEX_URL: server.url };
    await home.run(["backfill"], { env });
    expect(await home.json(["status"], { env })).toMatchObject({ sessions: { failed: 1 } });
    await goOn(path, session, "also too large");
    const { exitCode, stdout } = await home.run(["sync"], { env });
    expect(exitCode).toBe(6);
    expect(stdout).toContain("Refused by the server for good");
    expect((await home.run(["sync"], { env })).exitCode).toBe(0);
  });

  test("143 for a sync that is asked to end", async () => {
    await using home = await servedHome();
    await leaveBehind(home, await home.addSession(sessionOf(1, "one")));
    const silent = Bun.serve({ port: 0, idleTimeout: 0, fetch: () => new Promise(() => {}) });
    const run = startCli(home.path, ["sync"], {
      PI_OPENSYNC_CONVEX_URL: `http://127.0.0.1:${silent.port}`,
    });
    await until("a request", () => silent.pendingRequests > 0);
    run.kill("SIGTERM");
    expect((await run.ended).exitCode).toBe(143);
    await silent.stop(true);
    expect(await readdir(liveDir(home))).toHaveLength(1);
  });
});
