import { expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { commands } from "../../../cli/commands.ts";
import { exitCodes, exitCodeTable } from "../../../cli/exit-code.ts";
import { spellFlags } from "../../../cli/ui/flags.ts";
import { commandUsage, programUsage } from "../../../cli/ui/usage.ts";

const names = Object.keys(commands);

test.each(names)("%s shows examples first, and takes the flags that all take", async (name) => {
  const { description, load } = commands[name]!;
  const command = await load();
  const lines = commandUsage(name, description, command).split("\n");
  expect(lines.slice(0, 3)).toEqual([`pi-opensync ${name}: ${description}`, "", "Examples"]);
  expect(command.examples.length).toBeGreaterThan(0);
  const flags = spellFlags(command.flags).flatMap(({ names }) => names);
  const common = "--json --quiet --verbose --no-color --no-input --help -h".split(" ");
  expect(flags).toEqual(expect.arrayContaining(common));
});

test.each(names)("each flag of %s says what it does, once", async (name) => {
  const { flags } = await commands[name]!.load();
  const spellings = spellFlags(flags);
  expect(spellings.filter(({ description }) => description === "")).toEqual([]);
  const all = spellings.flatMap(({ names }) => names);
  expect(all).toEqual([...new Set(all)]);
});

test.each([40, 80])("help fits into %i columns", async (width) => {
  const all = [programUsage(commands, width)];
  for (const [name, { description, load }] of Object.entries(commands)) {
    all.push(commandUsage(name, description, await load(), width));
  }
  const lines = all.flatMap((text) => text.split("\n"));
  // A word alone, such as a path or an address, can't be broken.
  const long = lines.filter((line) => line.length > width && line.trim().includes(" "));
  expect(long).toEqual([]);
});

test("help names every exit code, and the README has the same table", async () => {
  const help = programUsage(commands);
  const listed = exitCodeTable.flatMap(([codes]) => codes.split(", ").map(Number));
  expect(listed).toEqual(Object.values(exitCodes));
  const readme = await readFile(join(import.meta.dirname, "../../../README.md"), "utf8");
  for (const [code, meaning] of exitCodeTable) {
    expect(help).toContain(`  ${code.padEnd(8)}  ${meaning}`);
    expect(readme).toContain(`| ${code} | ${meaning} |`);
  }
});
