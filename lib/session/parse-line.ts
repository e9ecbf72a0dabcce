import { parseEntry } from "./entry.ts";
import type { Entry } from "./entry.ts";
import type { Line } from "./lines.ts";

/** An entry and where it stands in its file. */
export interface ReadEntry {
  entry: Entry;
  /** The offset of its first byte. */
  start: number;
  /** Where to go on reading behind it. */
  end: number;
}

/** What a line of a session file holds. */
export interface ParsedLine {
  /** None or one, and several where lines run into each other. */
  entries: ReadEntry[];
  /** Why the line, or its beginning, cannot be read. */
  damage?: string;
}

/**
 * Reads one line. A blank line holds nothing and is no damage; neither is a last line without its
 * line end that is not complete, since pi may still be writing it.
 *
 * When pi dies while it writes, the next run appends its entries right behind the torn text. Such
 * entries are found again, also where a complete entry lacked only its line end.
 */
export function parseLine(line: Line): ParsedLine {
  const parsed = parseWhole(line);
  return line.isEnded || parsed.damage === undefined ? parsed : { entries: [] };
}

function parseWhole(line: Line): ParsedLine {
  const { start, end, bytes } = line;
  if (!bytes) return { entries: [], damage: "too large" };
  const text = bytes.toString();
  // `trim` also takes away a byte order mark.
  const value = parseJson(text) ?? parseJson(text.trim());
  const entry = parseEntry(value);
  if (entry) return { entries: [{ entry, start, end }] };
  if (value !== undefined) return { entries: [], damage: "no object with a type" };
  if (text.trim() === "") return { entries: [] };
  return line.isShrunk ? { entries: [], damage: "not JSON" } : recover(bytes, line);
}

/** How pi's entries start. Blocks of a message's content start alike, but are never entries. */
const entryStart = /\{"type":"(?!(?:text|thinking|image|toolCall)")/g;

/** Each try parses up to the line's end, and a damaged line can have very many starts. */
const triedBytesMax = 64 * 1024 * 1024;

function recover(bytes: Buffer, line: Line): ParsedLine {
  const entries: ReadEntry[] = [];
  let to = bytes.length;
  let end = line.end;
  let triedBytes = 0;
  for (const from of findStarts(bytes).reverse()) {
    triedBytes += to - from;
    if (triedBytes > triedBytesMax) break;
    const entry = parseEntry(parseJson(bytes.toString("utf8", from, to)));
    if (entry?.timestamp === undefined) continue;
    entries.unshift({ entry, start: line.start + from, end });
    to = from;
    end = line.start + from;
  }
  if (to === 0) return { entries };
  return { entries, damage: entries.length > 0 ? "torn, with an entry behind it" : "not JSON" };
}

function findStarts(bytes: Buffer): number[] {
  // One character for each byte, so that places in the text are places in the bytes.
  return Array.from(bytes.toString("latin1").matchAll(entryStart), (match) => match.index);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
