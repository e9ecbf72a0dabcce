import { SegmentLine } from "./segment-line.ts";

/**
 * The greatest line of every path. Lines may be added in any order and any number of times, from
 * any segments: the outcome is the same, so that all readers of a journal agree without a lock.
 */
export interface Join {
  readonly lines: ReadonlyMap<string, SegmentLine>;
  /** Adds a line and says whether it is the greatest of its path now. */
  add: (line: SegmentLine) => boolean;
  /** Adds what a segment holds. Damaged lines are passed over. */
  addText: (text: string) => void;
}

/** An empty join. */
export function createJoin(): Join {
  const lines = new Map<string, SegmentLine>();
  const add = (line: SegmentLine): boolean => {
    const known = lines.get(line.path);
    if (known !== undefined && !isGreater(line, known)) return false;
    lines.set(line.path, line);
    return true;
  };
  const addText = (text: string): void => {
    for (let start = 0, end = 0; start < text.length; start = end + 1) {
      end = text.indexOf("\n", start);
      if (end === -1) end = text.length;
      const line = end > start ? SegmentLine.parse(text, start, end) : undefined;
      if (line !== undefined) add(line);
    }
  };
  return { lines, add, addText };
}

/** A total order: by generation, offset, revision, and at last by the text itself. */
function isGreater(a: SegmentLine, b: SegmentLine): boolean {
  if (a.generation !== b.generation) return a.generation > b.generation;
  if (a.offset !== b.offset) return a.offset > b.offset;
  if (a.revision !== b.revision) return a.revision > b.revision;
  return a.text > b.text;
}
