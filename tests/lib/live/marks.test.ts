import { describe, expect, test } from "bun:test";
import { readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { openMarks } from "../../../lib/live/marks.ts";
import type { Mark, Marks } from "../../../lib/live/marks.ts";
import { tempDir } from "../../support/temp.ts";

const workerPath = Bun.fileURLToPath(import.meta.resolve("../../fixtures/marks-worker.ts"));

const markOf = (path: string): Mark => ({ path, isSpooled: false });

interface Owner extends AsyncDisposable {
  kill(): Promise<void>;
}

/** Another process that sees to sessions. */
async function owner(dir: string, ...paths: string[]): Promise<Owner> {
  const worker = Bun.spawn([process.execPath, workerPath, dir, ...paths], { stderr: "inherit" });
  const { value } = await worker.stdout.getReader().read();
  expect(new TextDecoder().decode(value)).toBe("claimed\n");
  const kill = async (): Promise<void> => {
    worker.kill("SIGKILL");
    await worker.exited;
  };
  return { kill, [Symbol.asyncDispose]: kill };
}

async function pathsLeft(marks: Marks): Promise<string[]> {
  return (await marks.listLeft()).map(({ path }) => path).sort();
}

test("nothing is left where nothing was claimed", async () => {
  await using dir = await tempDir();
  const marks = openMarks(join(dir.path, "none"), Date.now);
  expect(await marks.listLeft()).toEqual([]);
  await marks.release("/a.jsonl");
});

test("what this process claimed is left for the session after, until it is released", async () => {
  await using dir = await tempDir();
  const marks = openMarks(join(dir.path, "state", "live"), Date.now);
  await marks.claim(markOf("/a.jsonl"));
  await marks.claim(markOf("/a.jsonl"));
  await marks.claim({ path: "/b.jsonl", isSpooled: true });
  const left = await marks.listLeft();
  expect(left.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
    { ...markOf("/a.jsonl"), isOurs: true },
    { path: "/b.jsonl", isSpooled: true, isOurs: true },
  ]);
  await marks.release("/a.jsonl");
  expect(await pathsLeft(marks)).toEqual(["/b.jsonl"]);
  await marks.release("/b.jsonl");
  expect(await readdir(join(dir.path, "state", "live"))).toEqual([]);
});

test.each(["no folder", "no folder/live"])("where %s can be made, it says which", async (name) => {
  await using dir = await tempDir();
  await writeFile(join(dir.path, "no folder"), "");
  const path = join(dir.path, name);
  await expect(openMarks(path, Date.now).claim(markOf("/a.jsonl"))).rejects.toMatchObject({
    code: "io",
    message: expect.stringContaining(path),
    hint: expect.stringContaining("disk"),
  });
});

test("only the person can read them", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "live");
  await openMarks(path, Date.now).claim(markOf("/a.jsonl"));
  const [name = ""] = await readdir(path);
  expect((await stat(join(path, name))).mode & 0o777).toBe(0o600);
  expect((await stat(path)).mode & 0o777).toBe(0o700);
});

test.each(["/x/".repeat(3000), "/übung/😀/line\nend.jsonl", "C:\\Users\\Ada\\a.jsonl"])(
  "any path can be claimed",
  async (path) => {
    await using dir = await tempDir();
    const marks = openMarks(dir.path, Date.now);
    await marks.claim(markOf(path));
    expect(await marks.listLeft()).toEqual([{ ...markOf(path), isOurs: true }]);
  },
);

test("torn marks and files of others are passed over", async () => {
  await using dir = await tempDir();
  const marks = openMarks(dir.path, Date.now);
  await marks.claim(markOf("/a.jsonl"));
  const [name = ""] = await readdir(dir.path);
  await writeFile(join(dir.path, name.replace(/\d+$/, "999999999")), '{"path":"/a.js');
  await writeFile(join(dir.path, `${"0".repeat(24)}.999999999`), "[]");
  await writeFile(join(dir.path, "README"), JSON.stringify(markOf("/c.jsonl")));
  expect(await pathsLeft(marks)).toEqual(["/a.jsonl"]);
  await marks.release("/a.jsonl");
  expect((await readdir(dir.path)).sort()).toEqual([`${"0".repeat(24)}.999999999`, "README"]);
});

describe("several processes", () => {
  test("what a process that runs sees to is not left; after kill -9 it is", async () => {
    await using dir = await tempDir();
    await using first = await owner(dir.path, "/a.jsonl", "/b.jsonl");
    await using second = await owner(dir.path, "/c.jsonl");
    const marks = openMarks(dir.path, Date.now);
    await marks.claim(markOf("/own.jsonl"));
    expect(await pathsLeft(marks)).toEqual(["/own.jsonl"]);
    await marks.release("/own.jsonl");
    expect(await pathsLeft(marks)).toEqual([]);
    expect(await marks.listSeenTo()).toHaveLength(3);
    await first.kill();
    expect(await pathsLeft(marks)).toEqual(["/a.jsonl", "/b.jsonl"]);
    expect(await marks.listSeenTo()).toEqual([markOf("/c.jsonl")]);
    await second.kill();
    expect(await pathsLeft(marks)).toEqual(["/a.jsonl", "/b.jsonl", "/c.jsonl"]);
  });

  test("a session of a dead and a living process is not left", async () => {
    await using dir = await tempDir();
    await using dead = await owner(dir.path, "/a.jsonl");
    await dead.kill();
    await using living = await owner(dir.path, "/a.jsonl");
    const marks = openMarks(dir.path, Date.now);
    await marks.claim(markOf("/a.jsonl"));
    expect(await pathsLeft(marks)).toEqual([]);
    await living.kill();
    expect(await pathsLeft(marks)).toEqual(["/a.jsonl"]);
  });

  test("a release takes away the marks of the dead, and leaves those of others that run", async () => {
    await using dir = await tempDir();
    await using dead = await owner(dir.path, "/a.jsonl", "/b.jsonl");
    await using living = await owner(dir.path, "/a.jsonl");
    await dead.kill();
    const marks = openMarks(dir.path, Date.now);
    await marks.claim(markOf("/a.jsonl"));
    expect(await readdir(dir.path)).toHaveLength(4);
    await marks.release("/a.jsonl");
    expect(await readdir(dir.path)).toHaveLength(2);
    expect(await pathsLeft(marks)).toEqual(["/b.jsonl"]);
    await living.kill();
    expect(await pathsLeft(marks)).toEqual(["/a.jsonl", "/b.jsonl"]);
  });

  test("a claim that is not renewed is one of a process that had the number before", async () => {
    await using dir = await tempDir();
    await using living = await owner(dir.path, "/a.jsonl");
    let now = Date.now();
    const marks = openMarks(dir.path, () => now);
    now += 14 * 60_000;
    expect(await pathsLeft(marks)).toEqual([]);
    now += 2 * 60_000;
    expect(await pathsLeft(marks)).toEqual(["/a.jsonl"]);
    await marks.release("/a.jsonl");
    expect(await readdir(dir.path)).toEqual([]);
    await living.kill();
  });

  test("a claim is renewed by claiming again", async () => {
    await using dir = await tempDir();
    let now = 1_760_000_000_000;
    const marks = openMarks(dir.path, () => now);
    await marks.claim(markOf("/a.jsonl"));
    now += 60_000;
    await marks.claim(markOf("/a.jsonl"));
    const [name = ""] = await readdir(dir.path);
    expect((await stat(join(dir.path, name))).mtimeMs).toBe(now);
  });
});
