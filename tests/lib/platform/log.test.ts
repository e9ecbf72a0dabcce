import { expect, test } from "bun:test";
import { readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { openLog } from "../../../lib/platform/log.ts";
import { tempDir } from "../../support/temp.ts";

const at = (): number => Date.UTC(2026, 0, 1);
const mebibyte = 1024 * 1024;

/** Waits until a file ends with a text. */
async function endsWith(path: string, end: string): Promise<string> {
  for (let tries = 0; tries < 500; tries++) {
    const text = await readFile(path, "utf8").catch(() => "");
    if (text.endsWith(end)) return text;
    await Bun.sleep(2);
  }
  throw new Error(`${path} does not end with ${end}`);
}

test("each line has its time, and they stand in order", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "state", "debug.log");
  const log = openLog(path, at);
  for (let line = 0; line < 200; line++) {
    log(`line ${line}`);
    if (line % 50 === 0) await Bun.sleep(1);
  }
  const lines = (await endsWith(path, "line 199\n")).trimEnd().split("\n");
  expect(lines).toEqual(
    Array.from({ length: 200 }, (_, line) => `2026-01-01T00:00:00.000Z line ${line}`),
  );
});

test("a text of several lines is one", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "debug.log");
  openLog(path, at)("one\r\ntwo\n\n\tthree");
  expect(await endsWith(path, "three\n")).toBe("2026-01-01T00:00:00.000Z one two three\n");
});

test("only the person can read it", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "state", "debug.log");
  openLog(path, at)("x");
  await endsWith(path, "x\n");
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(join(dir.path, "state"))).mode & 0o777).toBe(0o700);
});

test("what an earlier process wrote stays", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "debug.log");
  await writeFile(path, "before\n");
  openLog(path, at)("after");
  expect(await endsWith(path, "after\n")).toBe("before\n2026-01-01T00:00:00.000Z after\n");
});

test("it is never larger than two mebibytes, and keeps what came last", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "debug.log");
  const log = openLog(path, at);
  for (let line = 0; line < 60; line++) {
    log(`${"x".repeat(64 * 1024)} ${line}`);
    await endsWith(path, ` ${line}\n`);
  }
  expect((await readdir(dir.path)).sort()).toEqual(["debug.log", "debug.log.1"]);
  const [last, before] = await Promise.all([readFile(path), readFile(`${path}.1`)]);
  expect(last.length).toBeLessThanOrEqual(mebibyte);
  expect(before.length).toBeLessThanOrEqual(mebibyte);
  const kept = `${before.toString()}${last.toString()}`.match(/ \d+$/gm)!.map(Number);
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => 60 - kept.length + i));
  expect(kept.length).toBeGreaterThan(15);
});

test("a log that can't be written troubles nobody, and goes on when it can be", async () => {
  await using dir = await tempDir();
  const folder = join(dir.path, "state");
  await writeFile(folder, "a file in its place");
  const path = join(folder, "debug.log");
  const log = openLog(path, at);
  log("lost");
  await Bun.sleep(20);
  await rm(folder);
  log("written");
  await endsWith(path, "written\n");
});

test("what a log could not write is not kept in memory for ever", async () => {
  await using dir = await tempDir();
  const folder = join(dir.path, "state");
  await writeFile(folder, "a file in its place");
  const path = join(folder, "debug.log");
  const log = openLog(path, at);
  for (let line = 0; line < 30; line++) {
    log("x".repeat(100 * 1024));
    await Bun.sleep(1);
  }
  await rm(folder);
  log("end");
  expect((await endsWith(path, "end\n")).length).toBeLessThanOrEqual(mebibyte);
});

test("a burst of lines does not make it larger either", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "debug.log");
  const log = openLog(path, at);
  for (let line = 0; line < 30; line++) log("x".repeat(100 * 1024));
  log("end");
  expect((await endsWith(path, "end\n")).length).toBeLessThanOrEqual(mebibyte);
});
