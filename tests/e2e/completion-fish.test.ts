import { expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { commandHome } from "../support/command-home.ts";

/** What fish offers for a line. */
async function offered(line: string): Promise<string[]> {
  await using home = await commandHome();
  const { stdout } = await home.run(["completion", "fish"]);
  const script = join(home.path, "completion.fish");
  await writeFile(script, stdout);
  const fish = Bun.spawn(["fish", "--no-config", "-c", `source ${script}; complete -C '${line}'`], {
    cwd: home.path,
    env: { HOME: home.path, PATH: process.env["PATH"] ?? "" },
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([fish.stdout.text(), fish.stderr.text()]);
  expect(err).toBe("");
  return out.split("\n").flatMap((offer) => offer.split("\t")[0] || []);
}

test("completes commands, their flags and their words", async () => {
  expect(await offered("pi-opensync st")).toEqual(["status"]);
  expect(await offered("pi-opensync list --st")).toEqual(["--state"]);
  expect(await offered("pi-opensync config s")).toEqual(["set"]);
  expect(await offered("pi-opensync config set red")).toEqual(["redact"]);
  expect(await offered("pi-opensync completion ")).toEqual(["bash", "fish", "zsh"]);
});

test("the name of a command in another place is a word", async () => {
  expect(await offered("pi-opensync config list --lim")).toEqual([]);
});
