import { assert } from "../assert.ts";
import { createJoin } from "./segment-join.ts";
import type { Join } from "./segment-join.ts";
import {
  appendLine,
  closeSegment,
  createSegment,
  isFinished,
  isStillWritable,
  listLeftovers,
  listSegments,
  readSegment,
  removeSegments,
  writeFinishedSegment,
} from "./segment.ts";
import type { OwnSegment } from "./segment.ts";

/** All segments of a journal's folder, read into one join. */
export interface SegmentSet {
  /** Reads what is new since the last time. */
  refresh(): void;
  /** Appends a line to this process's own segment. */
  append(text: string): void;
  /** Replaces finished segments by one, where that saves enough. */
  compact(): void;
  close(): void;
}

/** More finished segments than this are worth a compaction. */
const finishedMax = 8;
/** So are finished segments of more bytes than twice what the join needs, and this. */
const spareBytesMax = 1024 * 1024;

/**
 * The segments of a folder, not read yet. Every step leaves the folder with the same join, however
 * it is interrupted: a finished segment is removed only after another that holds its lines is on
 * the disk under its final name.
 */
export function createSegmentSet(dir: string, now: () => number, join: Join): SegmentSet {
  /** How far each segment was read. */
  const readUpTo = new Map<string, number>();
  let own: OwnSegment | undefined;
  let isClosed = false;

  const leaveOwn = (): void => {
    if (own === undefined) return;
    closeSegment(own);
    readUpTo.set(own.name, own.size);
    own = undefined;
  };

  /**
   * While segments are listed and read, a compaction can replace one that was not read yet by one
   * that was not listed. So they are listed again until the list stays the same.
   */
  const refresh = (): void => {
    let names: string[];
    let listed = listSegments(dir);
    do {
      names = listed;
      for (const name of names) {
        if (name === own?.name) continue;
        const from = readUpTo.get(name) ?? 0;
        readUpTo.set(name, readSegment(dir, name, from, join.addText) ?? from);
      }
      listed = listSegments(dir);
    } while (listed.join() !== names.join());
    for (const name of readUpTo.keys()) if (!names.includes(name)) readUpTo.delete(name);
    if (own !== undefined && !names.includes(own.name)) leaveOwn();
  };

  return {
    refresh,
    append(text) {
      assert(!isClosed, "a closed journal is not written to");
      const nowMs = now();
      if (own !== undefined && !isStillWritable(own, nowMs)) leaveOwn();
      own ??= createSegment(dir, nowMs);
      try {
        appendLine(own, text);
      } catch (error) {
        leaveOwn();
        throw error;
      }
    },
    compact() {
      // Taken before reading: what is finished now has been read to its end afterwards.
      const nowMs = now();
      refresh();
      const finished = new Map([...readUpTo].filter(([name]) => isFinished(name, nowMs)));
      if (own !== undefined) finished.set(own.name, own.size);
      if (!isWorthCompacting(finished, join)) return;
      leaveOwn();
      removeSegments(dir, listLeftovers(dir, nowMs));
      const { name, size } = replaceSegments(dir, [...finished.keys()], nowMs);
      readUpTo.set(name, size);
    },
    close() {
      leaveOwn();
      isClosed = true;
    },
  };
}

function isWorthCompacting(finished: ReadonlyMap<string, number>, join: Join): boolean {
  if (finished.size > finishedMax) return true;
  let neededBytes = 0;
  for (const line of join.lines.values()) neededBytes += line.text.length;
  let bytes = 0;
  for (const size of finished.values()) bytes += size;
  return bytes > 2 * neededBytes + spareBytesMax;
}

/** Writes the join of finished segments as one, then removes them. */
function replaceSegments(
  dir: string,
  names: readonly string[],
  nowMs: number,
): { name: string; size: number } {
  const join = createJoin();
  const read = names.filter((name) => readSegment(dir, name, 0, join.addText) !== undefined);
  const texts = [...join.lines.values()].map((line) => line.text);
  const written = writeFinishedSegment(dir, texts, nowMs);
  removeSegments(dir, read);
  return written;
}
