import { readFileLines } from "./file.ts";
import type { FileLinesOptions } from "./file.ts";
import { parseLine } from "./parse-line.ts";
import type { ReadEntry } from "./parse-line.ts";
import type { Problem } from "./problem.ts";

/** What one piece of a file holds. */
export interface ReadBatch {
  entries: ReadEntry[];
  /** Damaged lines, which were skipped. */
  problems: Problem[];
  /** Where to go on reading behind this batch. */
  end: number;
}

/**
 * Reads the entries of a session file in the order of the file, from the offset `from` on, and
 * never changes the file. From 0, the header is the first entry. `from` is an `end` of before.
 *
 * A last line without its line end is an entry where it is complete; otherwise pi may still be
 * writing it, and the last batch's `end` stays before it. Long strings in lines above 8 MiB are cut
 * (`cutNote`). Throws an `AppError` with the code `io` as `readFileLines` does.
 */
export async function* readEntries(
  path: string,
  options: FileLinesOptions = {},
): AsyncGenerator<ReadBatch, void, undefined> {
  const { from = 0 } = options;
  let lineNumber = 0;
  for await (const lines of readFileLines(path, options)) {
    const batch: ReadBatch = { entries: [], problems: [], end: from };
    for (const line of lines) {
      lineNumber += 1;
      const { entries, damage } = parseLine(line);
      if (!line.isEnded && entries.length === 0) break;
      for (const entry of entries) batch.entries.push(entry);
      if (damage !== undefined) {
        const place =
          from === 0 ? { offset: line.start, line: lineNumber } : { offset: line.start };
        batch.problems.push({ path, reason: damage, ...place });
      }
      batch.end = line.end;
    }
    if (batch.end > from) yield batch;
  }
}
