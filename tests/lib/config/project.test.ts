import { expect, test } from "bun:test";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readProjectOptOut } from "../../../lib/config/project.ts";
import { tempDir } from "../../support/temp.ts";

const on = { isOff: false, warnings: [] };
const off = { isOff: true, warnings: [] };

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

test("a project without the file is on, also one that is gone", async () => {
  await using dir = await tempDir();
  expect(await readProjectOptOut(dir.path)).toEqual(on);
  expect(await readProjectOptOut(join(dir.path, "gone", "deep"))).toEqual(on);
});

test("the file turns a project off and can do nothing else", async () => {
  await using dir = await tempDir();
  const file = join(dir.path, ".pi", "opensync.json");
  await write(file, '{"enabled": false}');
  expect(await readProjectOptOut(dir.path)).toEqual(off);
  for (const text of ['{"enabled": true}', "{}", '{"url": "https://x", "redact": false}']) {
    await write(file, text);
    expect(await readProjectOptOut(dir.path)).toEqual(on);
  }
});

test("folders above count up to the repository's", async () => {
  await using dir = await tempDir();
  const cwd = join(dir.path, "repo", "a", "b");
  await mkdir(cwd, { recursive: true });
  await write(join(dir.path, "repo", "a", ".pi", "opensync.json"), '{"enabled": false}');
  expect(await readProjectOptOut(cwd)).toEqual(on);
  await mkdir(join(dir.path, "repo", ".git"));
  expect(await readProjectOptOut(cwd)).toEqual(off);
  await write(join(cwd, ".pi", "opensync.json"), '{"enabled": true}');
  expect(await readProjectOptOut(cwd)).toEqual(off);
});

test("folders above the repository do not count, also where .git is a file", async () => {
  await using dir = await tempDir();
  await write(join(dir.path, ".pi", "opensync.json"), '{"enabled": false}');
  await mkdir(join(dir.path, ".git"));
  await write(join(dir.path, "worktree", ".git"), "gitdir: elsewhere");
  expect(await readProjectOptOut(join(dir.path, "worktree"))).toEqual(on);
  await mkdir(join(dir.path, "other"));
  expect(await readProjectOptOut(join(dir.path, "other"))).toEqual(off);
});

test("a file that cannot be understood turns the project off, with a warning", async () => {
  await using dir = await tempDir();
  const file = join(dir.path, ".pi", "opensync.json");
  for (const [text, why] of [
    ["{enabled: false}", "is not valid JSON"],
    ["", "is not valid JSON"],
    ["false", "does not hold a JSON object"],
    ['{"enabled": "no"}', 'has an "enabled" other than true or false'],
    ['{"enabled": null}', 'has an "enabled" other than true or false'],
  ] as const) {
    await write(file, text);
    const warnings = [`${file} ${why}, so nothing here is sent.`];
    expect(await readProjectOptOut(dir.path)).toEqual({ isOff: true, warnings });
  }
});

test("a folder in the file's place turns the project off, a file in the folder's place does not", async () => {
  await using dir = await tempDir();
  await mkdir(join(dir.path, "a", ".pi", "opensync.json"), { recursive: true });
  const { isOff, warnings } = await readProjectOptOut(join(dir.path, "a"));
  expect([isOff, warnings.length]).toEqual([true, 1]);
  await write(join(dir.path, "b", ".pi"), "");
  expect(await readProjectOptOut(join(dir.path, "b"))).toEqual(on);
});
