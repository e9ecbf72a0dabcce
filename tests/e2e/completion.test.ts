import { describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { commands } from "../../cli/commands.ts";
import { commandHome } from "../support/command-home.ts";

const shells = ["bash", "zsh", "fish"] as const;

test.each(shells)("the script for %s names every command", async (shell) => {
  await using home = await commandHome();
  const { exitCode, stdout, stderr } = await home.run(["completion", shell]);
  expect([exitCode, stderr]).toEqual([0, ""]);
  for (const name of Object.keys(commands)) expect(stdout).toContain(name);
});

describe("bash", () => {
  /** What bash offers for the last of these words. */
  async function offered(...words: string[]): Promise<string[]> {
    await using home = await commandHome();
    const { stdout } = await home.run(["completion", "bash"]);
    const script = join(home.path, "completion.bash");
    await writeFile(script, stdout);
    await writeFile(join(home.path, "two words.jsonl"), "");
    const code = [
      `source '${script}'`,
      'COMP_WORDS=(pi-opensync "$@"); COMP_CWORD=$#',
      "_pi_opensync",
      String.raw`printf '%s\n' "${"${COMPREPLY[@]}"}"`,
    ].join("\n");
    const bash = Bun.spawn(["bash", "--norc", "-c", code, "bash", ...words], {
      cwd: home.path,
      env: { HOME: home.path, PATH: process.env["PATH"] ?? "" },
      stderr: "pipe",
    });
    const [out, err] = await Promise.all([bash.stdout.text(), bash.stderr.text()]);
    expect(err).toBe("");
    return out.split("\n").filter((line) => line !== "");
  }

  test("completes commands", async () => {
    expect(await offered("st")).toEqual(["status"]);
    expect(await offered("")).toEqual([...Object.keys(commands), "--help", "--version"]);
  });

  test("completes the flags of a command", async () => {
    expect(await offered("list", "--st")).toEqual(["--state"]);
    expect(await offered("status", "--no-")).toEqual(["--no-color", "--no-input"]);
    expect(await offered("status", "--st")).toEqual([]);
    expect(await offered("list", "--limit", "")).toEqual([]);
  });

  test("completes words by their place", async () => {
    expect(await offered("config", "s")).toEqual(["set"]);
    expect(await offered("config", "set", "red")).toEqual(["redact"]);
    expect(await offered("config", "--json", "get", "ur")).toEqual(["url"]);
    expect(await offered("completion", "")).toEqual(["bash", "zsh", "fish"]);
    expect(await offered("settings", "s")).toEqual(["status", "sync"]);
    expect(await offered("settings", "config", "auto")).toEqual(["autoSync"]);
    expect(await offered("settings", "resolve", "AGENTS.md", "t")).toEqual(["theirs"]);
  });

  test("completes files, also with spaces in their names", async () => {
    expect(await offered("open", "two")).toEqual(["two words.jsonl"]);
    expect(await offered("backfill", "--session", "two")).toEqual(["two words.jsonl"]);
    expect(await offered("backfill", "--sessions", "two")).toEqual([]);
  });

  test("is set up by the line that the help shows", async () => {
    await using home = await commandHome();
    const { stdout } = await home.run(["completion", "bash"]);
    const bash = Bun.spawn(["bash", "--norc", "-c", 'eval "$0"; complete -p pi-opensync', stdout]);
    expect(await bash.stdout.text()).toBe("complete -F _pi_opensync pi-opensync\n");
  });
});
