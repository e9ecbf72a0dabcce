/** `setup` and `uninstall` as a person sees them, in a terminal. */

import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import manifest from "../../package.json" with { type: "json" };
import { choose, confirm, openBinary as open } from "../support/binary-terminal.ts";
import type { TuiPi } from "../support/pi/tui.ts";
import { testServer } from "../support/server.ts";

const timeLimitMs = 60_000;
const wrongKey = `osk_${"w".repeat(32)}`;
const configPath = ".config/pi-opensync/config.json";
const settingsPath = ".pi/agent/settings.json";

async function typeKey(screen: TuiPi, key: string): Promise<void> {
  await screen.sees("◆  API key");
  screen.press(...Array.from(key));
  await screen.sees("▪".repeat(key.length));
  screen.press("Enter");
}

async function typeUrl(screen: TuiPi, url: string): Promise<void> {
  await screen.sees("◆  The server's address");
  await screen.type(url);
  screen.press("Enter");
}

const where = "Where do your sessions go to?";
const older = "https://github.com/someone/pi-opensync-plugin";

describe("setup", () => {
  test(
    "asks for all, mends what is wrong, writes it, and sends what is here",
    async () => {
      await using server = await testServer();
      const fixture = join(import.meta.dirname, "../fixtures/sessions/pi-0.73.1_main_v3.jsonl");
      const session = await readFile(fixture, "utf8");
      await using terminal = await open("setup", {
        files: { [settingsPath]: { packages: [older] }, ".pi/agent/sessions/a/one.jsonl": session },
      });
      const { screen } = terminal;
      const { url, apiKey } = server.server;
      await choose(screen, where, "A server of your own");
      await typeUrl(screen, "http://127.0.0.1:1");
      await typeKey(screen, wrongKey);
      await screen.sees("could not be reached");
      await choose(screen, "What now?", "Type another address");
      await typeUrl(screen, `${url}/api/sessions`);
      await screen.sees("does not accept the API key");
      await choose(screen, "What now?", "Type another key");
      await typeKey(screen, apiKey);
      await screen.sees("and takes the key.");
      await confirm(screen, "Keep it so?", false);
      await screen.sees("◆  What do you want?");
      screen.press("Down", "Space", "Enter");
      await screen.sees("◆  Projects to leave out");
      await screen.type("~/private/**");
      screen.press("Enter");
      await confirm(screen, "Let pi load pi-opensync");
      await confirm(screen, "The older plugin pi-opensync-plugin");
      await screen.sees("packages: + npm:pi-opensync");
      expect(terminal.has(configPath)).toBe(false);
      await confirm(screen, "Go ahead?");
      await choose(
        screen,
        "1 session of pi is here already. Send?",
        "Show first what would be sent",
      );
      await screen.sees(/would be sent +1 session/);
      expect(await server.read()).toEqual(new Map());
      await confirm(screen, "Send it now?");
      await screen.sees(/\n {2}sent +1 session/);
      await confirm(screen, "Keep pi's settings the same", false);
      await screen.sees("exit 0");
      expect(screen.screen()).not.toContain(apiKey);
      expect(await terminal.readJson(configPath)).toEqual({
        url,
        apiKey,
        syncThinking: true,
        exclude: ["~/private/**"],
      });
      expect(await terminal.readJson(settingsPath)).toEqual({ packages: ["npm:pi-opensync"] });
      expect(await terminal.readJson(`${settingsPath}.before-pi-opensync`)).toEqual({
        packages: [older],
      });
      expect((await server.read()).size).toBe(1);
    },
    timeLimitMs,
  );

  test(
    "takes over the server and key of another plugin",
    async () => {
      await using server = await testServer();
      const { url, apiKey } = server.server;
      const files = { ".config/claude-code-sync/config.json": { convexUrl: url, apiKey } };
      await using terminal = await open("setup --register no --backfill no", { files });
      const { screen } = terminal;
      await choose(screen, where, "As claude-code-sync does");
      await confirm(screen, "Keep it so?");
      await confirm(screen, "Go ahead?");
      await screen.sees("exit 0");
      expect(await terminal.readJson(configPath)).toEqual({ url, apiKey });
      expect(terminal.has(settingsPath)).toBe(false);
    },
    timeLimitMs,
  );

  test(
    "shows what is there the next time, and changes only what is asked",
    async () => {
      await using server = await testServer();
      const { url, apiKey } = server.server;
      const config = { url, apiKey, autoSync: false };
      await using terminal = await open("setup", {
        files: { [configPath]: config, [settingsPath]: { packages: ["npm:pi-opensync"] } },
      });
      const { screen } = terminal;
      await screen.sees(`configuration: ${url}, key osk_…${apiKey.slice(-4)}`);
      await screen.sees("pi loads npm:pi-opensync");
      await choose(screen, "Do you want to change anything?", "What is sent");
      await screen.sees("◆  What do you want?");
      screen.press("Space", "Enter");
      await screen.sees("◆  Projects to leave out");
      screen.press("Enter");
      await choose(screen, "Do you want to change anything?", "No, go on");
      await screen.sees("Tool calls: false");
      expect(screen.screen()).not.toContain("packages: +");
      await confirm(screen, "Go ahead?");
      await screen.sees("Ready.");
      await confirm(screen, "Keep pi's settings the same", false);
      await screen.sees("exit 0");
      expect(await terminal.readJson(configPath)).toEqual({ ...config, syncToolCalls: false });
    },
    timeLimitMs,
  );

  test(
    "asks for another key where flags name another server",
    async () => {
      await using server = await testServer();
      const { url, apiKey } = server.server;
      const config = { url: "https://a.example", apiKey: wrongKey };
      const args = `setup --url ${url} --register no`;
      await using terminal = await open(args, { files: { [configPath]: config } });
      await typeKey(terminal.screen, apiKey);
      await confirm(terminal.screen, "Go ahead?");
      await terminal.screen.sees("exit 0");
      expect(await terminal.readJson(configPath)).toEqual({ url, apiKey });
    },
    timeLimitMs,
  );

  test(
    "asks only what flags leave open",
    async () => {
      await using terminal = await open(
        "setup --local --tool-calls no --register yes --skip-check",
      );
      const { screen } = terminal;
      await screen.sees("To be written");
      expect(screen.screen()).not.toContain(where);
      expect(screen.screen()).toContain("Tool calls: false");
      await confirm(screen, "Go ahead?");
      await screen.sees("exit 0");
      expect(await terminal.readJson(settingsPath)).toEqual({ packages: ["npm:pi-opensync"] });
    },
    timeLimitMs,
  );

  test(
    "pi's settings that are no JSON are told, and the rest is set up",
    async () => {
      await using terminal = await open("setup --local --skip-check", {
        files: { [settingsPath]: "{" },
      });
      const { screen } = terminal;
      await screen.sees("is not valid JSON");
      await confirm(screen, "Keep it so?");
      await confirm(screen, "Go ahead?");
      await screen.sees("exit 0");
      expect(await readFile(join(terminal.home, settingsPath), "utf8")).toBe("{");
    },
    timeLimitMs,
  );
});

describe("Ctrl-C leaves all as it was", () => {
  /** The ways to each question, by the keys that lead there. */
  const questions: [question: string, args: string, keys: string[]][] = [
    [where, "setup", []],
    ["The server's address", "setup", ["Down", "Enter"]],
    ["API key", "setup", ["Enter"]],
    ["Keep it so?", "setup --local --skip-check", []],
    ["What do you want?", "setup --local --skip-check", ["n"]],
    ["Projects to leave out", "setup --local --skip-check", ["n", "Enter"]],
    ["Let pi load pi-opensync", "setup --local --skip-check", ["y"]],
    ["Go ahead?", "setup --local --skip-check", ["y", "y"]],
  ];

  test.each(questions)(
    "at %s",
    async (question, args, keys) => {
      await using terminal = await open(args);
      const { screen } = terminal;
      await screen.sees("◆");
      for (const key of keys) {
        screen.press(key);
        await screen.stands();
      }
      await screen.sees(new RegExp(`◆  ${RegExp.escape(question)}`));
      screen.press("C-c");
      await screen.sees("Nothing was changed.");
      await screen.sees("exit 130");
      expect([".config", ".pi", ".local"].filter((path) => terminal.has(path))).toEqual([]);
    },
    timeLimitMs,
  );

  test(
    "while the server is asked",
    async () => {
      await using stalled = Bun.serve({
        hostname: "127.0.0.1",
        port: 0,
        fetch: () => new Promise<Response>(() => {}),
      });
      const config = { url: stalled.url.href, apiKey: wrongKey };
      await using terminal = await open("setup --thinking yes", {
        files: { [configPath]: config },
      });
      await terminal.screen.sees("Checking");
      terminal.screen.press("C-c");
      await terminal.screen.sees("Nothing was changed.");
      await terminal.screen.sees("exit 130");
      expect(await terminal.readJson(configPath)).toEqual(config);
    },
    timeLimitMs,
  );

  test(
    "at the offer to send: what is set up stays, and nothing is sent",
    async () => {
      await using server = await testServer();
      const { url, apiKey } = server.server;
      const files = {
        [configPath]: { url, apiKey },
        ".pi/agent/sessions/a/b.jsonl": '{"type":"session"}\n',
      };
      await using terminal = await open("setup --redact no --register no", { files });
      await confirm(terminal.screen, "Go ahead?");
      await terminal.screen.sees("Send?");
      terminal.screen.press("Escape");
      await terminal.screen.sees("'pi-opensync backfill' sends them another time.");
      await terminal.screen.sees("exit 130");
      expect(await terminal.readJson(configPath)).toEqual({ url, apiKey, redact: false });
    },
    timeLimitMs,
  );
});

describe("uninstall", () => {
  const files = {
    [configPath]: { url: "https://api.opensync.dev", apiKey: wrongKey },
    [settingsPath]: { packages: ["npm:pi-opensync"] },
  };

  test(
    "keeps configuration and state unless it is told otherwise",
    async () => {
      await using terminal = await open("uninstall", { files });
      const { screen } = terminal;
      await confirm(screen, "Take pi-opensync out of pi?");
      await screen.sees("◆  Delete configuration and state as well?");
      screen.press("Enter");
      await screen.sees("Delete it there: https://app.opensync.dev");
      await screen.sees("exit 0");
      expect(await terminal.readJson(settingsPath)).toEqual({ packages: [] });
      expect(terminal.has(configPath)).toBe(true);
    },
    timeLimitMs,
  );

  test(
    "deletes them where it is asked to",
    async () => {
      await using terminal = await open("uninstall", { files, columns: 40 });
      await confirm(terminal.screen, "Take pi-opensync out of pi?");
      await confirm(terminal.screen, "Delete configuration and state");
      await terminal.screen.sees("exit 0");
      expect(terminal.has(".config/pi-opensync")).toBe(false);
    },
    timeLimitMs,
  );

  test(
    "does nothing where the person does not want it",
    async () => {
      await using terminal = await open("uninstall", { files });
      await confirm(terminal.screen, "Take pi-opensync out of pi?", false);
      await terminal.screen.sees("Nothing was changed.");
      await terminal.screen.sees("exit 0");
      expect(await terminal.readJson(settingsPath)).toEqual(files[settingsPath]);
    },
    timeLimitMs,
  );
});

describe("the first screen", () => {
  test.each([80, 40])(
    "at %d columns",
    async (columns) => {
      await using terminal = await open("setup", { columns });
      await terminal.screen.sees("This machine");
      await terminal.screen.stands();
      const screen = terminal.screen.screen();
      expect(screen.replace(manifest.version, "VERSION").trimEnd()).toMatchSnapshot();
      expect(screen.split("\n").every((line) => Bun.stringWidth(line) <= columns)).toBe(true);
    },
    timeLimitMs,
  );

  const plain: [name: string, args: string, env: Record<string, string>][] = [
    ["NO_COLOR", "setup", { NO_COLOR: "1" }],
    ["TERM=dumb", "setup", { TERM: "dumb" }],
    ["--no-color", "setup --no-color", {}],
  ];

  test.each(plain)(
    "has no colours with %s",
    async (_name, args, env) => {
      await using terminal = await open(args, { env });
      await terminal.screen.sees("This machine");
      expect(terminal.screen.screen({ isColored: true })).not.toContain("\u001b[");
    },
    timeLimitMs,
  );

  test(
    "has colours otherwise",
    async () => {
      await using terminal = await open("setup");
      await terminal.screen.sees("This machine");
      expect(terminal.screen.screen({ isColored: true })).toMatch(/\u001b\[3\dm/);
    },
    timeLimitMs,
  );
});
