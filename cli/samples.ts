import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Paths } from "../lib/platform/paths.ts";
import harbour from "./samples/harbour-fees.jsonl" with { type: "text" };
import letter from "./samples/letter.jsonl" with { type: "text" };
import tideFork from "./samples/tide-table-fork.jsonl" with { type: "text" };
import tide from "./samples/tide-table.jsonl" with { type: "text" };

/** Sample sessions in a temporary place, with everything that comes of them. */
export interface Samples extends AsyncDisposable {
  dir: string;
  paths: Paths;
  sessions: string;
}

/** Writes the sample sessions to a new temporary folder, which disposing of them removes. */
export async function useSamples(): Promise<Samples> {
  const dir = await mkdtemp(join(tmpdir(), "pi-opensync-samples-"));
  const sessions = join(dir, "sessions");
  await mkdir(sessions);
  const samples = Object.entries({ tide, tideFork, harbour, letter });
  for (const [name, text] of samples) {
    await writeFile(join(sessions, `${name}.jsonl`), moveToNow(text, Date.now()));
  }
  const configFile = join(dir, "config.json");
  await writeFile(configFile, JSON.stringify({ syncThinking: true }));
  return {
    dir,
    sessions,
    paths: {
      configFile,
      stateDir: join(dir, "state"),
      dataDir: join(dir, "data"),
    },
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}

/** When the last of the samples ended. */
const endedAt = Date.parse("2026-04-02T19:41:08Z");
const dayMs = 86_400_000;

/** Moves a session by whole days, so that the last of the samples ended less than a day ago. */
function moveToNow(text: string, now: number): string {
  const byMs = Math.floor((now - endedAt) / dayMs) * dayMs;
  const move = (key: string, value: unknown): unknown => {
    if (key !== "timestamp") return value;
    return typeof value === "number" ? value + byMs : moveText(String(value), byMs);
  };
  const lines = text.trimEnd().split("\n");
  return lines.map((line) => `${JSON.stringify(JSON.parse(line, move))}\n`).join("");
}

function moveText(time: string, byMs: number): string {
  return new Date(Date.parse(time) + byMs).toISOString();
}
