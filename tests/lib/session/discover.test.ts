import { expect, test } from "bun:test";
import { chmod, link, mkdir, realpath, symlink, utimes, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";

import { findSessionFiles } from "../../../lib/session/discover.ts";
import type { Discovery } from "../../../lib/session/discover.ts";
import { tempDir } from "../../support/temp.ts";

/** A home folder with the given files. */
async function home(files: Record<string, string>) {
  const dir = await tempDir();
  const path = await realpath(dir.path);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), content);
  }
  const cwd = join(path, "work");
  await mkdir(cwd, { recursive: true });
  return {
    path,
    cwd,
    find: (env: Record<string, string> = {}, sessionsDir?: string) =>
      findSessionFiles({ env: { HOME: path, ...env }, cwd, sessionsDir }),
    names: (found: Discovery) => found.files.map((file) => relative(path, file.path)),
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

const sessions = ".pi/agent/sessions";

test("finds files at the root, in projects' folders, and deeper ones marked", async () => {
  await using at = await home({
    [`${sessions}/root.jsonl`]: "1",
    [`${sessions}/--b--/two.jsonl`]: "22",
    [`${sessions}/--b--/id/run-0/three.jsonl`]: "333",
    [`${sessions}/--a--/one.jsonl`]: "",
    [`${sessions}/--a--/notes.txt`]: "",
    [`${sessions}/--a--/one.jsonl.bak`]: "",
    [`${sessions}/--a--/folder.jsonl/four.jsonl`]: "",
  });
  const root = join(at.path, sessions);
  await utimes(join(root, "root.jsonl"), 5, 5);
  const found = at.find();
  expect(found.problems).toEqual([]);
  expect(found.files.map((file) => [relative(root, file.path), file.size, file.nested])).toEqual([
    ["--a--/folder.jsonl/four.jsonl", 0, true],
    ["--a--/one.jsonl", 0, false],
    ["--b--/id/run-0/three.jsonl", 3, true],
    ["--b--/two.jsonl", 2, false],
    ["root.jsonl", 1, false],
  ]);
  expect(found.files.at(-1)).toEqual({
    path: join(root, "root.jsonl"),
    size: 1,
    mtimeMs: 5000,
    nested: false,
    root,
  });
});

test("joins all directories that pi may have written to", async () => {
  await using at = await home({
    [`${sessions}/--a--/default.jsonl`]: "",
    "by-env/env.jsonl": "",
    "by-agent/agent.jsonl": "",
    "work/by-project/project.jsonl": "",
    ".pi/agent/settings.json": '{"sessionDir":"~/by-agent"}',
    "work/.pi/settings.json": '{"sessionDir":"by-project"}',
  });
  expect(at.names(at.find({ PI_CODING_AGENT_SESSION_DIR: "~/by-env" }))).toEqual([
    `${sessions}/--a--/default.jsonl`,
    "by-agent/agent.jsonl",
    "by-env/env.jsonl",
    "work/by-project/project.jsonl",
  ]);
});

test("looks into the agent directory of PI_CODING_AGENT_DIR", async () => {
  await using at = await home({
    [`${sessions}/a.jsonl`]: "",
    "other/sessions/b.jsonl": "",
    "other/settings.json": '{"sessionDir":"../third"}',
    "third/c.jsonl": "",
  });
  const names = at.names(at.find({ PI_CODING_AGENT_DIR: "~/other" }));
  expect(names).toEqual(["other/sessions/b.jsonl", "third/c.jsonl"]);
});

test("a given directory is the only one", async () => {
  await using at = await home({ [`${sessions}/a.jsonl`]: "", "work/given/b.jsonl": "" });
  for (const given of ["given", join(at.cwd, "given"), "~/work/given"]) {
    const found = at.find({ PI_CODING_AGENT_SESSION_DIR: "~" }, given);
    expect(at.names(found)).toEqual(["work/given/b.jsonl"]);
  }
});

test("directories that lie in each other give each file once", async () => {
  await using at = await home({ [`${sessions}/--a--/one.jsonl`]: "", [`${sessions}/b.jsonl`]: "" });
  await symlink(join(at.path, sessions), join(at.path, "link"));
  for (const dir of [`~/${sessions}/--a--`, "~/link", "~/.pi", `~/${sessions}`]) {
    const found = at.find({ PI_CODING_AGENT_SESSION_DIR: dir });
    expect(at.names(found)).toEqual([`${sessions}/--a--/one.jsonl`, `${sessions}/b.jsonl`]);
    expect(found.problems).toEqual([]);
  }
});

test("follows links once, and loops end", async () => {
  await using at = await home({
    [`${sessions}/--a--/one.jsonl`]: "",
    [`${sessions}/--a--/id/run.jsonl`]: "",
    "elsewhere/--b--/two.jsonl": "",
    "elsewhere/three.data": "",
    "elsewhere/four.jsonl": "",
  });
  const root = join(at.path, sessions);
  await symlink(root, join(root, "--a--", "loop"));
  await symlink("--self--", join(root, "--self--"));
  await symlink(join(at.path, "elsewhere/--b--"), join(root, "--b--"));
  await symlink(join(at.path, "elsewhere/--b--"), join(root, "--twice--"));
  await symlink(join(at.path, "elsewhere/three.data"), join(root, "three.jsonl"));
  await symlink(join(at.path, "elsewhere/four.jsonl"), join(root, "four.txt"));
  await symlink(join(root, "--a--", "id/run.jsonl"), join(root, "again.jsonl"));
  await symlink(join(at.path, "nowhere"), join(root, "gone.jsonl"));
  const found = at.find();
  expect(at.names(found)).toEqual([
    `${sessions}/--a--/id/run.jsonl`,
    `${sessions}/--a--/one.jsonl`,
    "elsewhere/--b--/two.jsonl",
    "elsewhere/three.data",
  ]);
  expect(found.files.map(({ nested }) => nested)).toEqual([true, false, false, false]);
  expect(found.problems).toMatchObject([{ path: join(root, "--self--") }]);
});

test("nothing is there", async () => {
  await using at = await home({});
  expect(at.find()).toEqual({ files: [], problems: [] });
  expect(at.find({}, "missing")).toEqual({ files: [], problems: [] });
});

test("what cannot be read is a problem, and the rest is found", async () => {
  await using at = await home({
    [`${sessions}/--a--/one.jsonl`]: "",
    [`${sessions}/--b--/two.jsonl`]: "",
    ".pi/agent/settings.json": "{ not JSON",
    "work/.pi/settings.json": '["no", "object"]',
  });
  const closed = join(at.path, sessions, "--b--");
  await chmod(closed, 0);
  const found = at.find();
  await chmod(closed, 0o700);
  // The administrator can read everything.
  const isAdministrator = process.getuid?.() === 0;
  expect(found.problems.map(({ path }) => relative(at.path, path))).toEqual([
    ".pi/agent/settings.json",
    ...(isAdministrator ? [] : [`${sessions}/--b--`]),
  ]);
  expect(at.names(found).slice(0, 1)).toEqual([`${sessions}/--a--/one.jsonl`]);
});

test("a file in the place of a sessions directory is a problem or a session", async () => {
  await using at = await home({ "work/file.txt": "", "work/one.jsonl": "" });
  expect(at.find({}, "file.txt").files).toEqual([]);
  expect(at.names(at.find({}, "one.jsonl"))).toEqual(["work/one.jsonl"]);
  expect(at.find({}, "file.txt/below").problems).toHaveLength(1);
});

test("pipes are no session files", async () => {
  await using at = await home({ [`${sessions}/a.jsonl`]: "" });
  const pipe = join(at.path, sessions, "pipe.jsonl");
  expect(Bun.spawnSync(["mkfifo", pipe]).exitCode).toBe(0);
  expect(at.names(at.find())).toEqual([`${sessions}/a.jsonl`]);
});

test("two names of one file are two files", async () => {
  await using at = await home({ [`${sessions}/a.jsonl`]: "" });
  await link(join(at.path, sessions, "a.jsonl"), join(at.path, sessions, "b.jsonl"));
  expect(at.find().files).toHaveLength(2);
});
