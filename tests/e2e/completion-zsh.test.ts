import { expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { commandHome, openTerminal } from "../support/command-home.ts";

test("completes commands, their flags and their words", async () => {
  await using home = await commandHome();
  const { stdout } = await home.run(["completion", "zsh"]);
  await writeFile(join(home.path, "completion.zsh"), stdout);
  const zsh = openTerminal(["zsh", "-f", "-i"], 100, home.path, {
    HOME: home.path,
    PATH: process.env["PATH"] ?? "",
    TERM: "xterm",
  });
  zsh.type("autoload -Uz compinit; compinit -D -u; source ./completion.zsh; echo rea''dy\n");
  await zsh.sees("ready\r\n");
  for (const [typed, completed] of [
    ["pi-opensync st\t", "pi-opensync status"],
    ["list --st\t", "list --state"],
    ["config s\t", "config set"],
    ["config set red\t", "config set redact"],
  ] as const) {
    zsh.type(typed.startsWith("pi-") ? typed : `pi-opensync ${typed}`);
    await zsh.sees(completed);
    zsh.type("\u0015");
  }
  zsh.type("exit\n");
  expect(await zsh.exitCode).toBe(0);
});
