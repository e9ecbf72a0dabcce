import { readdirSync, readSync, openSync, closeSync, statSync } from "node:fs";
import { join } from "node:path";

import { createRedactor } from "../../lib/redact/redact.ts";
import { findSessionFiles } from "../../lib/session/discover.ts";
import { readEntries } from "../../lib/session/read.ts";
import { fitMessage } from "../../lib/transcript/fit.ts";
import { readSessionHead } from "../../lib/transcript/session-head.ts";
import { createTranscript, initialState } from "../../lib/transcript/transcript.ts";
import type { Transcript } from "../../lib/transcript/transcript.ts";
import { interleave } from "./bench.ts";
import type { BenchResult } from "./bench.ts";
import { corpus, inChild } from "./corpus.ts";

const rounds = 5;
const options = { toolCalls: true, thinking: true };

/** Reading and converting against the bare parse of the same bytes, on one core. */
export async function benchPipeline(): Promise<BenchResult[]> {
  const dir = await corpus({ files: 100, bytes: "100M" });
  const redactor = createRedactor({ dictionary: [] });
  const times = await interleave(rounds, {
    floor: () => bareParse(dir),
    read: () => run(dir, () => {}),
    "parse, convert, stringify": () =>
      run(dir, (transcript, entry) => {
        for (const message of transcript.push(entry).messages) JSON.stringify(message);
      }),
    "dry run": () =>
      run(dir, (transcript, entry) => {
        for (const message of transcript.push(entry).messages) {
          fitMessage(redactor.redactMessage(message).value);
        }
      }),
  });
  const ratio = (a: string, b: string): number => (times[a] ?? 0) / (times[b] ?? 1);
  const reading = ratio("read", "floor");
  const converting = ratio("dry run", "parse, convert, stringify");
  return [
    {
      name: "reading over a bare parse",
      value: reading,
      unit: "×",
      goal: "1.1",
      ok: reading <= 1.1,
    },
    {
      name: "dry run with redaction over read + parse + convert + stringify",
      value: converting,
      unit: "×",
      goal: "1.5",
      ok: converting <= 1.5,
    },
  ];
}

/** Peak memory of `backfill --dry-run`, in a process of its own. */
export async function benchMemory(): Promise<BenchResult[]> {
  const large = await corpus({ files: 400, bytes: "1G" });
  const long = await corpus({ files: 4, bytes: "200M", line: "5M" });
  const measure = async (dir: string): Promise<number> =>
    Number(await inChild(["memory", dir])) / 1024 ** 2;
  const [largeMiB, longMiB] = [await measure(large), await measure(long)];
  return [
    {
      name: "peak memory, 1 GB of sessions",
      value: largeMiB,
      unit: "MiB",
      goal: "200",
      ok: largeMiB < 200,
    },
    {
      name: "peak memory, lines of 5 MB",
      value: longMiB,
      unit: "MiB",
      goal: "256",
      ok: longMiB < 256,
    },
  ];
}

async function run(
  dir: string,
  use: (transcript: Transcript, entry: Parameters<Transcript["push"]>[0]) => void,
): Promise<void> {
  for (const { path } of findSessionFiles({ env: {}, cwd: dir, sessionsDir: dir }).files) {
    let transcript: Transcript | undefined;
    for await (const { entries } of readEntries(path)) {
      for (const { entry } of entries) {
        if (entry.type === "session") {
          const head = readSessionHead(entry as never, false);
          transcript = createTranscript(initialState(head), options);
        } else if (transcript) use(transcript, entry);
      }
    }
  }
}

/** 256 KB pieces, `indexOf(10)`, decode a line, `JSON.parse`. */
function bareParse(dir: string): void {
  for (const name of readdirSync(dir, { recursive: true }) as string[]) {
    if (name.endsWith(".jsonl")) parseFile(join(dir, name));
  }
}

function parseFile(path: string): void {
  const file = openSync(path, "r");
  let rest = Buffer.alloc(0);
  const piece = Buffer.alloc(256 * 1024);
  for (let left = statSync(path).size; left > 0;) {
    const bytes = readSync(file, piece);
    left -= bytes;
    const data = Buffer.concat([rest, piece.subarray(0, bytes)]);
    let start = 0;
    for (let end = data.indexOf(10); end !== -1; end = data.indexOf(10, start)) {
      JSON.parse(data.toString("utf8", start, end));
      start = end + 1;
    }
    rest = data.subarray(start);
  }
  closeSync(file);
}
