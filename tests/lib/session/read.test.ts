import { expect, test } from "bun:test";
import { array, assert, asyncProperty, nat } from "fast-check";
import { readFileSync, statSync } from "node:fs";
import { rename, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";

import { AppError } from "../../../lib/errors.ts";
import type { Problem } from "../../../lib/session/problem.ts";
import { readEntries } from "../../../lib/session/read.ts";
import { tempDir } from "../../support/temp.ts";
import {
  append,
  fixture,
  fixtures,
  headerLine,
  lineOf,
  put,
  readAll,
  userLine,
} from "./support.ts";

/** What is damaged in the fixtures. */
const damaged: Record<string, Partial<Problem>[]> = {
  "moraine__fixtures_pi_malformed.jsonl": [{ line: 3, reason: "not JSON" }],
  "agentsview__internal_parser_testdata_pi_session.jsonl": [{ line: 10, reason: "not JSON" }],
};

for (const path of fixtures) {
  const name = basename(path);
  test(`reads ${name}`, async () => {
    const bytes = readFileSync(path);
    const { read, entries, problems, end } = await readAll(path);
    const texts = bytes.toString().split("\n").filter(isJson);
    expect(entries as unknown).toEqual(texts.map((text) => JSON.parse(text) as unknown));
    expect(read.map(({ start, end }) => bytes.subarray(start, end).toString())).toEqual(
      texts.map((text) => `${text}\n`),
    );
    expect(problems).toMatchObject(damaged[name] ?? []);
    expect(end).toBe(bytes.length);
  });
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test("changes neither the content nor the times of a file", async () => {
  await using dir = await tempDir();
  const content = readFileSync(fixture("pi-0.13.2_main_v1.jsonl"));
  const path = await put(dir.path, content.subarray(0, -40));
  await utimes(path, 1_700_000_000, 1_700_000_000);
  await readAll(path);
  expect(readFileSync(path).equals(content.subarray(0, -40))).toBe(true);
  expect(statSync(path).mtimeMs).toBe(1_700_000_000_000);
});

test("a line torn at any byte gives no wrong entry, and is read once it is complete", async () => {
  await using dir = await tempDir();
  const content = Buffer.from(
    headerLine +
      userLine("a", [{ type: "text", text: 'é\u2028🚀 "x" \\' }]) +
      lineOf({ type: "custom", data: { type: "y", timestamp: "t" }, timestamp: "t", id: "c" }),
  );
  const path = join(dir.path, "s.jsonl");
  await writeFile(path, content);
  const whole = await readAll(path);
  expect(whole.entries).toHaveLength(3);
  for (let cut = 0; cut <= content.length; cut++) {
    await writeFile(path, content.subarray(0, cut));
    const first = await readAll(path);
    await writeFile(path, content);
    const second = await readAll(path, first.end);
    expect([...first.entries, ...second.entries]).toEqual(whole.entries);
    expect([...first.problems, ...second.problems]).toEqual([]);
    expect([first.end <= cut, second.end]).toEqual([true, content.length]);
  }
});

test("reading in steps, from any entry on, gives the same entries", async () => {
  await using dir = await tempDir();
  const bytes = readFileSync(fixture("pi-0.65.2_main_v3.jsonl"));
  const path = join(dir.path, "s.jsonl");
  const cuts = array(nat(bytes.length), { maxLength: 5 });
  await writeFile(path, bytes);
  const whole = await readAll(path);
  await assert(
    asyncProperty(cuts, async (cuts) => {
      const entries: unknown[] = [];
      let end = 0;
      for (const cut of [...cuts.sort((a, b) => a - b), bytes.length]) {
        await writeFile(path, bytes.subarray(0, cut));
        const step = await readAll(path, end);
        entries.push(...step.entries);
        ({ end } = step);
      }
      expect(entries).toEqual(whole.entries);
    }),
    { numRuns: 40 },
  );
  for (const { end } of whole.read) {
    const rest = await readAll(path, end);
    expect(rest.read).toEqual(whole.read.filter(({ start }) => start >= end));
  }
});

test("a last line without its line end is an entry where it is complete", async () => {
  await using dir = await tempDir();
  const path = await put(dir.path, headerLine + userLine("a", "x").trim());
  const { entries, end } = await readAll(path);
  expect([entries.length, end]).toEqual([2, statSync(path).size]);
  await append(path, `\n${userLine("b", "y")}`);
  expect((await readAll(path, end)).entries).toMatchObject([{ id: "b" }]);
});

test("an entry that was appended to torn text is found, and the damage is reported", async () => {
  await using dir = await tempDir();
  const torn = userLine("a", "lost").slice(0, 90);
  const path = await put(dir.path, headerLine + torn + userLine("b", "kept") + userLine("c", "x"));
  const { read, problems } = await readAll(path);
  expect(read.map(({ entry }) => entry.id)).toEqual([expect.any(String), "b", "c"]);
  expect(read[1]!.start).toBe(headerLine.length + torn.length);
  expect(problems).toEqual([
    { path, line: 2, offset: headerLine.length, reason: "torn, with an entry behind it" },
  ]);
});

test("empty lines, CR LF, a byte order mark and U+2028 are no damage", async () => {
  await using dir = await tempDir();
  const lines = [`\uFEFF${headerLine.trim()}`, "", userLine("a", "\u2028\u2029").trim(), " ", ""];
  const path = await put(dir.path, lines.join("\r\n"));
  const { entries, problems } = await readAll(path);
  expect(entries).toMatchObject([{ type: "session" }, { message: { content: "\u2028\u2029" } }]);
  expect(problems).toEqual([]);
});

test("damaged lines are reported with their place and skipped", async () => {
  await using dir = await tempDir();
  const lines = [headerLine, "\n", "\0\0\n", userLine("a", "x"), "{}\n", '{"type":"a\n'];
  const path = await put(dir.path, lines.join(""));
  const offsets = lines.map((_, index) => lines.slice(0, index).join("").length);
  const { entries, problems, end } = await readAll(path);
  expect(entries).toHaveLength(2);
  expect(problems).toEqual([
    { path, line: 3, offset: offsets[2]!, reason: "not JSON" },
    { path, line: 5, offset: offsets[4]!, reason: "no object with a type" },
    { path, line: 6, offset: offsets[5]!, reason: "not JSON" },
  ]);
  expect(end).toBe(statSync(path).size);
  const later = await readAll(path, offsets[3]);
  expect(later.problems[0]).toEqual({ path, offset: offsets[4]!, reason: "no object with a type" });
});

test("reads what is appended while it reads", async () => {
  await using dir = await tempDir();
  const filler = userLine("f", "x".repeat(1000)).repeat(600);
  const path = await put(dir.path, headerLine + filler);
  const ids: unknown[] = [];
  let appended = false;
  for await (const { entries } of readEntries(path)) {
    ids.push(...entries.map(({ entry }) => entry.id));
    if (!appended) await append(path, userLine("new", "y"));
    appended = true;
  }
  expect(ids).toHaveLength(602);
  expect(ids.at(-1)).toBe("new");
});

const changes: [string, (path: string) => Promise<void>, RegExp][] = [
  ["removed", (path) => rm(path), /was removed/],
  ["replaced", replace, /was replaced/],
  ["cut", (path) => truncate(path, 5), /became shorter/],
  ["rewritten", rewrite, /was rewritten/],
];

async function replace(path: string): Promise<void> {
  await writeFile(`${path}.new`, headerLine.repeat(9000));
  await rename(`${path}.new`, path);
}

async function rewrite(path: string): Promise<void> {
  await writeFile(path, headerLine.replace('"version":3', '"version":4').repeat(9000));
  await utimes(path, 1_700_000_000, 1_700_000_000);
}

for (const [name, change, message] of changes) {
  test(`a file that is ${name} while it is read is an error`, async () => {
    await using dir = await tempDir();
    const path = await put(dir.path, headerLine + userLine("a", "x".repeat(1000)).repeat(600));
    const reading = async (): Promise<void> => {
      for await (const { end } of readEntries(path)) if (end < 300_000) await change(path);
    };
    const error = await reading().catch((error: unknown) => error);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: "io", message: expect.stringMatching(message) as string });
  });
}

test("a file that is missing, shorter than the offset, or a folder is an error", async () => {
  await using dir = await tempDir();
  const path = await put(dir.path, headerLine);
  expect(readAll(join(dir.path, "no.jsonl"))).rejects.toThrow("was removed");
  expect(readAll(path, 10_000)).rejects.toThrow("became shorter");
  expect(readAll(dir.path)).rejects.toMatchObject({ code: "io" });
});

test("can be aborted", async () => {
  await using dir = await tempDir();
  const path = await put(dir.path, headerLine);
  const reading = readEntries(path, { signal: AbortSignal.abort(new Error("enough")) }).next();
  expect(reading).rejects.toThrow("enough");
});

test("a line of 64 MB is read in little memory, and its image tells its size", async () => {
  await using dir = await tempDir();
  const data = "A".repeat(64_000_000);
  const image = userLine("big", [{ type: "image", data, mimeType: "image/png" }]);
  const path = await put(dir.path, headerLine + image + userLine("after", "x"));
  const child = Bun.spawn({
    cmd: [process.execPath, join(import.meta.dir, "read-memory.ts"), path],
    stdout: "pipe",
  });
  const result = (await new Response(child.stdout).json()) as Record<string, unknown>;
  expect(result).toMatchObject({ ids: [expect.any(String), "big", "after"], problems: 0 });
  expect(result["imageBytes"]).toBe(data.length);
  expect(result["peakMegabytes"]).toBeLessThan(120);
});
