/** The test runner, run on small test files of its own. */

import { describe, expect, test } from "bun:test";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tempDir } from "./support/temp.ts";

const passing = 'import { test } from "bun:test"; test("a", () => {});';
const failing = 'import { test } from "bun:test"; test("b", () => { throw new Error("no"); });';
const ending = 'import { test } from "bun:test"; test("c", () => process.exit(0));';

describe("the last line and the exit code", () => {
  test("count passing tests", async () => {
    expect(await run({ "a.test.ts": passing, "b.test.ts": passing })).toEqual({
      exitCode: 0,
      lines: ["2 passed, 0 failed"],
    });
  });

  test.each([
    ["a failing test", failing],
    ["a test that ends the process", ending],
    ["a file that does not load", 'import "./nowhere.ts";'],
    ["a file without tests", "export {};"],
  ])("count %s as one failure", async (_, text) => {
    expect(await run({ "a.test.ts": passing, "b.test.ts": text })).toEqual({
      exitCode: 1,
      lines: ["1 passed, 1 failed"],
    });
  });

  test("say that nothing ran", async () => {
    expect(await run({})).toEqual({ exitCode: 1, lines: ["0 passed, 0 failed"] });
  });

  test("leave out a suite whose program is missing, and name it", async () => {
    expect(await run({ "a.test.ts": passing, "e2e/terminal-b.test.ts": failing })).toEqual({
      exitCode: 0,
      lines: ["not run: terminal (needs tmux: apt-get install tmux)", "1 passed, 0 failed"],
    });
  });
});

/** Runs the runner on `files`, with nothing on the PATH; gives the lines that are its own. */
async function run(files: Record<string, string>): Promise<{ exitCode: number; lines: string[] }> {
  await using dir = await tempDir();
  const tests = join(dir.path, "tests");
  for (const file of ["run.ts", "suites.ts", "support/temp.ts"]) {
    await cp(join(import.meta.dirname, file), join(tests, file));
  }
  await mkdir(join(tests, "e2e"));
  for (const [file, text] of Object.entries(files)) await writeFile(join(tests, file), text);
  const child = Bun.spawn([process.execPath, join(tests, "run.ts")], {
    env: { PATH: dir.path, TMPDIR: dir.path },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const lines = (await child.stdout.text()).trimEnd().split("\n");
  const own = lines.filter((line) => /^not run: |^\d+ passed, \d+ failed$/.test(line));
  expect(own.at(-1)).toBe(lines.at(-1));
  return { exitCode: await child.exited, lines: own };
}
