import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";

import { startServe } from "../support/cli.ts";
import { commandHome, servedHome } from "../support/command-home.ts";
import type { ServedHome } from "../support/command-home.ts";
import { clientOf, readSessions } from "../support/server.ts";
import { SessionBuilder } from "../support/session.ts";
import { tempDir } from "../support/temp.ts";

/** A home with two sessions, and another server to go to. */
async function setUp() {
  const home = await servedHome();
  for (const n of [1, 2]) {
    const session = new SessionBuilder({ id: `0000000${n}-9d84-7578-90d7-674f47fc7c07` });
    for (let turn = 0; turn < 20; turn++) session.user(`prompt ${turn}`);
    await home.addSession(session);
  }
  const dir = await tempDir();
  const other = await startServe(dir.path);
  const before = await readFile(home.configFile, "utf8");
  return {
    home,
    other,
    retarget: (args: string[], key = other.apiKey, url = other.url) =>
      home.run(["retarget", url, "--key-stdin", ...args], { stdin: `${key}\n` }),
    storedThere: async () => (await readSessions(clientOf(other.url, other.apiKey))).size,
    async expectUnchanged() {
      expect(await readFile(home.configFile, "utf8")).toBe(before);
    },
    async [Symbol.asyncDispose]() {
      await other[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

async function configOf(home: ServedHome): Promise<unknown> {
  return JSON.parse(await readFile(home.configFile, "utf8"));
}

describe("with flags alone", () => {
  test("--dry-run says what would be sent, and changes nothing", async () => {
    await using at = await setUp();
    const { exitCode, stdout } = await at.retarget(["--dry-run"]);
    expect([exitCode, stdout]).toEqual([0, "  would be sent  2 sessions  40 messages\n"]);
    expect(await at.storedThere()).toBe(0);
    await at.expectUnchanged();
  });

  test("--yes sends everything, and stays there", async () => {
    await using at = await setUp();
    await at.home.run(["backfill"]);
    const { exitCode, stdout, stderr } = await at.retarget(["--yes"]);
    expect([exitCode, stdout]).toEqual([0, "  sent  2 sessions  40 messages\n"]);
    expect(stderr).toContain("would be sent  2 sessions");
    expect(stderr).toContain(`They went to ${at.home.server.url}`);
    expect(stdout + stderr).not.toContain(at.other.apiKey);
    expect(await at.storedThere()).toBe(2);
    expect(await configOf(at.home)).toEqual({ url: at.other.url, apiKey: at.other.apiKey });
    expect(await at.home.json(["status"])).toMatchObject({ sessions: { synced: 2, new: 0 } });
  });

  test("--json prints one document", async () => {
    await using at = await setUp();
    const { stdout, stderr } = await at.retarget(["--yes", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, sessions: { sent: 2 } });
    expect(stderr).toBe("");
  });
});

describe("nothing is changed", () => {
  test("4: by a key that is refused", async () => {
    await using at = await setUp();
    const key = `osk_${"w".repeat(32)}`;
    const { exitCode, stdout, stderr } = await at.retarget(["--yes"], key);
    expect(exitCode).toBe(4);
    expect(stdout + stderr).not.toContain(key);
    // The server is asked before anything is read or shown.
    expect(stdout + stderr).not.toContain("would be sent");
    await at.expectUnchanged();
  });

  test("5: by a server that is not there", async () => {
    await using at = await setUp();
    const { exitCode } = await at.retarget(["--yes"], at.other.apiKey, "http://127.0.0.1:9");
    expect(exitCode).toBe(5);
    await at.expectUnchanged();
  });

  test("5: by a server that goes away on the way", async () => {
    await using at = await setUp();
    let writes = 0;
    await using flaky = proxyTo(at.other.url, () => ++writes <= 10);
    const { exitCode, stdout, stderr } = await at.retarget(["--yes"], at.other.apiKey, flaky.url);
    expect(exitCode).toBe(5);
    expect(stdout).toContain("waiting");
    expect(stderr).toContain("sessions go on to the server from before");
    await at.expectUnchanged();
  });

  test("2: without a yes, a key, an address, or where variables say where sessions go", async () => {
    await using at = await setUp();
    const { home, other } = at;
    for (const [args, message, env] of [
      [[other.url], "Give --yes"],
      [[other.url, "--yes"], "--key-stdin --yes"],
      [[], "needs the address"],
      [["ftp://x.example"], "not with https://"],
      [[other.url, "--yes"], "PI_OPENSYNC_API_KEY is set", { PI_OPENSYNC_API_KEY: "osk_x" }],
    ] as const) {
      const { exitCode, stderr } = await home.run(["retarget", ...args], env && { env });
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining(message)]);
    }
    await at.expectUnchanged();
  });
});

/** A server before the server, which answers no more writes than that. */
function proxyTo(target: string, isAnswered: () => boolean) {
  const page = (): Response =>
    new Response("<html>down for maintenance</html>", { headers: { "content-type": "text/html" } });
  const server = Bun.serve({
    port: 0,
    async fetch(request) {
      if (request.method === "POST" && !isAnswered()) return page();
      const { pathname, search } = new URL(request.url);
      const { method, headers } = request;
      return fetch(`${target}${pathname}${search}`, {
        method,
        headers: { authorization: headers.get("authorization") ?? "" },
        ...(method === "POST" && { body: await request.text() }),
      });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

describe("at a terminal", () => {
  test("asks for the key, shows what would be sent, and sends it after a yes", async () => {
    await using at = await setUp();
    const terminal = at.home.terminal(["retarget", at.other.url]);
    await terminal.sees("API key for");
    terminal.type(`${at.other.apiKey}\r`);
    await terminal.sees("Send all this");
    expect(terminal.output()).toContain("would be sent  2 sessions");
    expect(await at.storedThere()).toBe(0);
    terminal.type("y");
    expect(await terminal.exitCode).toBe(0);
    expect(terminal.output()).not.toContain(at.other.apiKey);
    expect(await at.storedThere()).toBe(2);
    expect(await configOf(at.home)).toMatchObject({ url: at.other.url });
  });

  test("after a no, or Ctrl-C at any question, all is as it was", async () => {
    await using at = await setUp();
    const no = at.home.terminal(["retarget", at.other.url]);
    await no.sees("API key for");
    no.type(`${at.other.apiKey}\r`);
    await no.sees("Send all this");
    no.type("n");
    expect(await no.exitCode).toBe(0);
    expect(no.output()).toContain("Nothing was sent");
    const cancelled = at.home.terminal(["retarget", at.other.url]);
    await cancelled.sees("API key for");
    cancelled.type("\u0003");
    expect(await cancelled.exitCode).toBe(130);
    expect(await at.storedThere()).toBe(0);
    await at.expectUnchanged();
  });
});

test("a first server can be chosen that way, too", async () => {
  await using at = await setUp();
  await using home = await commandHome();
  const { exitCode } = await home.run(["retarget", at.other.url, "--key-stdin", "--yes"], {
    stdin: at.other.apiKey,
  });
  expect(exitCode).toBe(0);
  expect((await home.run(["status"])).exitCode).toBe(0);
});
