import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { commands } from "../../cli/commands.ts";
import { binary as binaryPath } from "../support/cli.ts";
import { commandHome, openTerminal, servedHome } from "../support/command-home.ts";
import { SessionBuilder } from "../support/session.ts";

// oxlint-disable-next-line no-control-regex
const escape = /\u001b/;
const names = Object.keys(commands);

test.each(names)("%s: --help on stdout, and no flag that is not there", async (name) => {
  await using home = await commandHome();
  const help = await home.run([name, "--help"]);
  expect([help.exitCode, help.stderr]).toEqual([0, ""]);
  expect(help.stdout).toStartWith(`pi-opensync ${name}: `);
  expect(await home.run(["help", name])).toEqual(help);
  expect((await home.run([name, "-h"])).stdout).toBe(help.stdout);
  const { exitCode, stdout, stderr } = await home.run([name, "--jsno"]);
  expect([exitCode, stdout]).toEqual([2, ""]);
  expect(stderr).toContain("Did you mean '--json'?");
});

describe("--json", () => {
  /** Commands that end by themselves, as somebody can give them. */
  const lines = [
    ["status"],
    ["sync"],
    ["list"],
    ["open", "--print"],
    ["config", "list"],
    ["config", "get", "url"],
    ["config", "set", "redact", "true"],
    ["config", "unset", "redact"],
    ["config", "path"],
    ["completion", "bash"],
    ["backfill"],
    ["backfill", "--dry-run"],
  ];

  test.each(lines)("%p %p: one document, and no word beside it", async (...line) => {
    await using home = await servedHome();
    const session = new SessionBuilder();
    session.user("hello");
    await home.addSession(session);
    const { stdout, stderr, exitCode } = await home.run([...line, "--json"], {
      env: { FORCE_COLOR: "1" },
    });
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    expect(stdout.trimEnd().split("\n")).toHaveLength(1);
    expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1 });
    expect(stdout).not.toMatch(escape);
  });

  test.each([
    [["status"], "not-configured", 3],
    [["list", "--limit", "none"], "usage", 2],
    [["config", "set", "redact", "maybe"], "usage", 2],
    [["stauts"], "usage", 2],
  ])("%p: an error is a document, too", async (line, code, exitCode) => {
    await using home = await commandHome();
    const result = await home.run([...line, "--json"]);
    expect([result.exitCode, result.stderr]).toEqual([exitCode, ""]);
    expect(JSON.parse(result.stdout)).toMatchObject({ schemaVersion: 1, error: { code } });
  });
});

describe("colour", () => {
  const red = /\u001b\[\d/;

  /** What stands on the terminal after a mistake. */
  async function shown(args: string[], env: Record<string, string>): Promise<string> {
    await using home = await commandHome();
    const terminal = home.terminal(["status", ...args], 80, env);
    expect(await terminal.exitCode).toBe(3);
    expect(terminal.output()).toContain("not configured");
    return terminal.output();
  }

  test("is there on a terminal", async () => {
    expect(await shown([], {})).toMatch(red);
  });

  test.each([
    [["--no-color"], {}],
    [[], { NO_COLOR: "1" }],
    [[], { TERM: "dumb" }],
  ])("is not there with %p %p", async (args, env) => {
    expect(await shown(args, env as Record<string, string>)).not.toMatch(red);
  });

  test("is not there in a file, also where the results go to a terminal", async () => {
    await using home = await commandHome();
    const env = { HOME: home.path, PATH: process.env["PATH"] ?? "", TERM: "xterm" };
    const command = ["sh", "-c", '"$0" status 2> errors', binaryPath];
    expect(await openTerminal(command, 80, home.path, env).exitCode).toBe(3);
    const errors = await Bun.file(join(home.path, "errors")).text();
    expect(errors).toContain("not configured");
    expect(errors).not.toMatch(escape);
  });

  test.each([[[]], [["--no-color"]]])("of questions follows the flag, too: %p", async (args) => {
    await using home = await commandHome();
    const terminal = home.terminal(["config", "set", "apiKey", ...args]);
    await terminal.sees("API key");
    terminal.type("\u0003");
    expect(await terminal.exitCode).toBe(130);
    const colours = terminal.output().match(/\u001b\[3\dm/g) ?? [];
    expect(colours.length > 0).toBe(args.length === 0);
  });
});

test.each([40, 80])("screens fit into a terminal of %i columns", async (columns) => {
  await using home = await servedHome();
  const session = new SessionBuilder();
  session.user("a prompt that is longer than any terminal is wide ".repeat(5));
  await home.addSession(session);
  const screens = [["--help"], ["list", "--help"], ["status"], ["list"], ["config"]];
  for (const line of [...screens, ["config", "list", "--show-origin"]]) {
    const terminal = home.terminal(line, columns);
    expect(await terminal.exitCode).toBe(0);
    const widths = terminal
      .output()
      .split("\r\n")
      .map((text) => Bun.stringWidth(text));
    expect(Math.max(...widths), line.join(" ")).toBeWithin(20, columns + 1);
  }
});

test("--quiet leaves results and errors, --verbose tells more", async () => {
  await using home = await servedHome();
  const session = new SessionBuilder();
  session.user("hello");
  await home.addSession(session);
  const verbose = await home.run(["backfill", "--dry-run", "--verbose"]);
  expect(verbose.stderr).toContain(": hello");
  const { stdout, stderr } = await home.run(["open", "--quiet"]);
  expect([stdout, stderr]).toEqual([expect.stringMatching(/^http:[^ ]+#login=[\w-]+\n$/), ""]);
  const failed = await home.run(["open", "nothing", "--quiet"]);
  expect(failed.stderr).toContain("there is no session 'nothing'");
});

describe("words that are wrong", () => {
  test.each([
    [["stauts"], "Did you mean 'status'?"],
    [["--json", "status"], "Flags stand behind the command"],
    [["help", "stauts"], "Did you mean 'status'?"],
    [["status", "now"], "does not take 'now'"],
    [["completion", "bahs"], "Did you mean 'bash'?"],
    [["completion"], "There are bash, zsh, fish."],
  ])("%p", async (line, message) => {
    await using home = await commandHome();
    const { exitCode, stdout, stderr } = await home.run(line);
    expect([exitCode, line.includes("--json") ? "" : stdout]).toEqual([2, ""]);
    expect(stdout + stderr).toContain(message);
  });

  test("a key among them is not said again", async () => {
    const key = `osk_${"s".repeat(32)}`;
    await using home = await commandHome();
    for (const line of [
      [key],
      ["status", key],
      ["list", "--limit", key],
      ["list", "--state", key],
    ]) {
      for (const args of [line, [...line, "--json"]]) {
        const { exitCode, stdout, stderr } = await home.run(args);
        expect(exitCode).toBe(2);
        expect(stdout + stderr).not.toContain(key);
        expect(stdout + stderr).toContain("osk_…ssss");
      }
    }
  });
});

test("without a command, the help, and 2", async () => {
  await using home = await commandHome();
  const { exitCode, stdout } = await home.run([]);
  expect(exitCode).toBe(2);
  expect(stdout).toContain("Exit codes");
});

test("a reader that has seen enough is no failure", async () => {
  await using home = await servedHome();
  for (let n = 0; n < 400; n++) {
    const session = new SessionBuilder({ id: `0000${1000 + n}` });
    session.user("x".repeat(70));
    await home.addSession(session);
  }
  const shell = Bun.spawn(
    ["bash", "-c", 'set -o pipefail; "$0" list --json | head -c 20 >/dev/null', binaryPath],
    { cwd: home.path, env: { HOME: home.path, PATH: process.env["PATH"] ?? "" }, stderr: "pipe" },
  );
  expect([await shell.stderr.text(), await shell.exited]).toEqual(["", 0]);
});
