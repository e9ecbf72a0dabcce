import { readdirSync } from "node:fs";
import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Entry } from "../../../lib/session/entry.ts";
import type { ReadEntry } from "../../../lib/session/parse-line.ts";
import type { Problem } from "../../../lib/session/problem.ts";
import { readEntries } from "../../../lib/session/read.ts";

const fixturesDir = join(import.meta.dir, "..", "..", "fixtures", "sessions");

/** The paths of all session fixtures. */
export const fixtures = readdirSync(fixturesDir)
  .filter((name) => name.endsWith(".jsonl"))
  .map((name) => join(fixturesDir, name));

/** The path of one fixture. */
export function fixture(name: string): string {
  return join(fixturesDir, name);
}

/** Everything that a file holds from an offset on. */
export interface WholeRead {
  read: ReadEntry[];
  entries: Entry[];
  problems: Problem[];
  end: number;
}

/** Reads a file in one go. */
export async function readAll(path: string, from = 0): Promise<WholeRead> {
  const whole: WholeRead = { read: [], entries: [], problems: [], end: from };
  for await (const batch of readEntries(path, { from })) {
    whole.read.push(...batch.entries);
    whole.problems.push(...batch.problems);
    whole.end = batch.end;
  }
  whole.entries = whole.read.map(({ entry }) => entry);
  return whole;
}

/** Writes a file into a folder and returns its path. */
export async function put(
  dir: string,
  content: string | Uint8Array,
  name = "session.jsonl",
): Promise<string> {
  const path = join(dir, name);
  await writeFile(path, content);
  return path;
}

/** Appends to a file. */
export const append: (path: string, content: string) => Promise<void> = appendFile;

/** The first line of a session file. */
export const headerLine =
  '{"type":"session","version":3,"id":"0196fa2e-1f0e-7cc5-a1c2-2a1d5c0e8f11","timestamp":"2026-05-01T10:00:00.000Z","cwd":"/home/ann/app"}\n';

/** A line with a user's message, as pi writes it. */
export function userLine(id: string, content: unknown): string {
  return lineOf({
    type: "message",
    id,
    parentId: null,
    timestamp: "2026-05-01T10:00:01.000Z",
    message: { role: "user", content, timestamp: 1777629601000 },
  });
}

/** A line of a session file. */
export function lineOf(entry: unknown): string {
  return `${JSON.stringify(entry)}\n`;
}
