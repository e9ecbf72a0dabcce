import { describe, expect, test } from "bun:test";
import { chmod, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { commandHome } from "../support/command-home.ts";
import type { CommandHome } from "../support/command-home.ts";

const key = `osk_${"k".repeat(28)}a1b2`;

async function configOf(home: CommandHome): Promise<unknown> {
  return JSON.parse(await readFile(home.configFile, "utf8"));
}

describe("list and get", () => {
  test("show all values, where they come from, and no key", async () => {
    await using home = await commandHome();
    await home.writeConfig({ url: "https://sync.example.com", apiKey: key, other: 1 });
    const env = { PI_OPENSYNC_EXCLUDE: "~/a, ~/b" };
    const { stdout } = await home.run(["config", "list", "--show-origin"], { env });
    expect(stdout).toMatchInlineSnapshot(`
      "  url            file         https://sync.example.com
        apiKey         file         osk_…a1b2
        autoSync       default      true
        syncToolCalls  default      true
        syncThinking   default      false
        redact         default      true
        metadataOnly   default      false
        exclude        environment  ~/a, ~/b
        debug          default      false
      "
    `);
    expect((await home.run(["config"])).stdout).toContain(
      "url            https://sync.example.com\n",
    );
    expect(await home.json(["config", "list", "--show-origin"], { env })).toMatchObject({
      schemaVersion: 1,
      values: { apiKey: "osk_…a1b2", exclude: ["~/a", "~/b"], redact: true },
      origin: { url: "file", exclude: "environment", redact: "default" },
      problems: [],
    });
  });

  test("get gives one value, and 3 where there is none", async () => {
    await using home = await commandHome();
    await home.writeConfig({ apiKey: key, exclude: ["~/a", "~/b"] });
    const get = async (field: string) => (await home.run(["config", "get", field])).stdout;
    expect(await get("apiKey")).toBe("osk_…a1b2\n");
    expect(await get("exclude")).toBe("~/a,~/b\n");
    expect(await get("redact")).toBe("true\n");
    const { exitCode, stdout, stderr } = await home.run(["config", "get", "url"]);
    expect([exitCode, stdout]).toEqual([3, ""]);
    expect(stderr).toContain("url is not set");
  });

  test("tell what can't be used, with 2", async () => {
    await using home = await commandHome();
    await home.writeConfig({ redact: "maybe", syncThinkin: true });
    const { exitCode, stdout, stderr } = await home.run(["config", "list"]);
    expect(exitCode).toBe(2);
    expect(stdout).toContain("redact         true");
    expect(stderr).toContain('is "maybe", but must be true or false');
    expect(stderr).toContain('Did you mean "syncThinking"?');
    expect((await home.run(["config", "get", "url"])).exitCode).toBe(2);
  });
});

describe("set and unset", () => {
  test("write values as they are meant, and leave the rest of the file", async () => {
    await using home = await commandHome();
    await home.writeConfig({ other: 1 });
    for (const [field, value] of [
      ["url", "sync.example.com/api/sessions"],
      ["syncThinking", "yes"],
      ["exclude", "~/private/**, ~/clients"],
    ] as const) {
      expect((await home.run(["config", "set", field, value])).exitCode).toBe(0);
    }
    expect(await configOf(home)).toEqual({
      other: 1,
      url: "https://sync.example.com",
      syncThinking: true,
      exclude: ["~/private/**", "~/clients"],
    });
    const { stdout } = await home.run(["config", "unset", "exclude"]);
    expect(stdout).toBe("exclude is none\n");
    expect(await configOf(home)).toEqual({
      other: 1,
      url: "https://sync.example.com",
      syncThinking: true,
    });
  });

  test("take a key from a pipe, into a file that others can't read", async () => {
    await using home = await commandHome();
    const { stdout, exitCode } = await home.run(["config", "set", "apiKey"], { stdin: `${key}\n` });
    expect([stdout, exitCode]).toEqual(["apiKey is osk_…a1b2\n", 0]);
    expect(await configOf(home)).toEqual({ apiKey: key });
    expect((await stat(home.configFile)).mode & 0o777).toBe(0o600);
    const reference = await home.run(["config", "set", "apiKey"], { stdin: "$OPENSYNC_KEY" });
    expect(reference.stdout).toBe("apiKey is $OPENSYNC_KEY\n");
    expect((await home.run(["config", "set", "apiKey"])).exitCode).toBe(2);
  });

  test("take a key that is typed, and don't show it", async () => {
    await using home = await commandHome();
    const terminal = home.terminal(["config", "set", "apiKey"]);
    await terminal.sees("API key");
    terminal.type(`${key}\r`);
    expect(await terminal.exitCode).toBe(0);
    expect(await configOf(home)).toEqual({ apiKey: key });
    expect(terminal.output()).not.toContain(key);
  });

  test("refuse a key on the command line, and with --no-input ask for none", async () => {
    await using home = await commandHome();
    const { exitCode, stdout, stderr } = await home.run(["config", "set", "apiKey", key]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("pass show opensync | pi-opensync config set apiKey");
    expect(stdout + stderr).not.toContain(key);
    const terminal = home.terminal(["config", "set", "apiKey", "--no-input"]);
    expect(await terminal.exitCode).toBe(2);
    expect(terminal.output()).toContain("pass show opensync");
  });

  test.each([
    [["set", "redact", "maybe"], "redact must be true or false"],
    [["set", "url", "ftp://x.example"], "not with https://"],
    [["set", "url"], "needs a value"],
    [["set", "reddact", "true"], "Did you mean 'redact'?"],
    [["set"], "name a field"],
    [["sett", "redact", "true"], "Did you mean 'set'?"],
    [["get", "redact", "more"], "does not take 'more'"],
    [["path", "redact"], "does not take 'redact'"],
    [["get", "redact", "--show-origin"], "goes with list"],
  ])("refuse %p, and write nothing", async (words, message) => {
    await using home = await commandHome();
    const { exitCode, stderr } = await home.run(["config", ...words]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
    expect(await Bun.file(home.configFile).exists()).toBe(false);
  });

  test("say where a variable overrides what is written", async () => {
    await using home = await commandHome();
    const env = { PI_OPENSYNC_REDACT: "true" };
    const { stdout, stderr } = await home.run(["config", "set", "redact", "false"], { env });
    expect(stderr).toContain("PI_OPENSYNC_REDACT is set and overrides it");
    expect(stdout).toBe("redact is true\n");
    expect(await configOf(home)).toEqual({ redact: false });
  });

  test("touch no file that can't be read", async () => {
    await using home = await commandHome();
    await home.writeConfig({});
    await writeFile(home.configFile, '{"apiKey": "osk_secretsecret');
    const { exitCode, stderr } = await home.run(["config", "set", "redact", "true"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("not valid JSON (line 1, column");
    expect(stderr).not.toContain("osk_secret");
    expect(await readFile(home.configFile, "utf8")).toBe('{"apiKey": "osk_secretsecret');
  });
});

test("path prints the path", async () => {
  await using home = await commandHome();
  expect((await home.run(["config", "path"])).stdout).toBe(`${home.configFile}\n`);
});

describe("edit", () => {
  /** An editor that does what a script says to the file `$1`. */
  async function editor(home: CommandHome, script: string): Promise<Record<string, string>> {
    const path = join(home.path, "an editor");
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o755);
    return { EDITOR: `"${path}"` };
  }

  const filesBeside = (home: CommandHome) => readdir(dirname(home.configFile));

  test("takes over what the editor left", async () => {
    await using home = await commandHome();
    await home.writeConfig({ url: "https://a.example", apiKey: key });
    const env = await editor(home, `sed -i.old s/a.example/b.example/ "$1"; rm "$1.old"`);
    const { exitCode, stdout } = await home.run(["config", "edit"], { env });
    expect([exitCode, stdout]).toEqual([0, `Changed ${home.configFile}\n`]);
    expect(await configOf(home)).toEqual({ url: "https://b.example", apiKey: key });
    expect((await stat(home.configFile)).mode & 0o777).toBe(0o600);
    expect(await filesBeside(home)).toEqual(["config.json"]);
    const same = await home.run(["config", "edit"], { env: { VISUAL: "true" } });
    expect(same.stdout).toBe(`${home.configFile} is as it was.\n`);
  });

  test.each([
    ['printf "{" > "$1"', "not valid JSON", 2],
    ['echo \'{"redact": "maybe"}\' > "$1"', 'is "maybe"', 2],
    ['echo \'{"url": "ftp://x.example"}\' > "$1"', "not with https://", 2],
    ['echo "{}" > "$1"; exit 3', "ended with exit code 3", 1],
  ])("keeps what was there after %p", async (script, message, code) => {
    await using home = await commandHome();
    await home.writeConfig({ url: "https://a.example", apiKey: key });
    const { exitCode, stderr } = await home.run(["config", "edit"], {
      env: await editor(home, script),
    });
    expect(exitCode).toBe(code);
    expect(stderr).toContain(message);
    expect(await configOf(home)).toEqual({ url: "https://a.example", apiKey: key });
    expect(await filesBeside(home)).toEqual(["config.json"]);
  });

  test.each([
    [["config", "edit"], {}],
    [["config", "edit", "--json"], {}],
    [["config", "edit", "--no-input"], { EDITOR: "true" }],
  ])("without a terminal, opens no editor that is not named: %p %p", async (args, env) => {
    await using home = await commandHome();
    await home.writeConfig({ url: "https://a.example", apiKey: key });
    const { exitCode, stdout, stderr } = await home.run(args, { env });
    expect(exitCode).toBe(2);
    expect(stdout + stderr).toContain("there is no terminal to edit at, or a flag forbids it");
    expect(stdout + stderr).not.toContain(key);
    expect(await filesBeside(home)).toEqual(["config.json"]);
  });

  test("what the editor shows is no result", async () => {
    await using home = await commandHome();
    await home.writeConfig({ url: "https://a.example", apiKey: key });
    const env = await editor(home, 'cat "$1"');
    const { stdout } = await home.run(["config", "edit", "--json"], { env });
    expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1, isChanged: false });
  });

  test("at a terminal, asks whether to edit it again, and No goes back", async () => {
    await using home = await commandHome();
    await home.writeConfig({ url: "https://a.example" });
    // Wrong the first time, right the second.
    const mend = `if grep -q broken "$1"; then echo '{"debug": true}' > "$1"; else echo broken > "$1"; fi`;
    const again = home.terminal(["config", "edit"], 80, await editor(home, mend));
    await again.sees("Edit it again?");
    again.type("y");
    expect(await again.exitCode).toBe(0);
    expect(await configOf(home)).toEqual({ debug: true });

    const back = home.terminal(["config", "edit"], 80, await editor(home, 'echo broken > "$1"'));
    await back.sees("Edit it again?");
    back.type("n");
    expect(await back.exitCode).toBe(2);
    expect(await configOf(home)).toEqual({ debug: true });
  });
});
