import { assert } from "../assert.ts";

/** What has been acknowledged of one session file. */
export interface CursorRecord {
  /** Path of the session file. */
  path: string;
  /** OpenSync's id of the session; "" where the file holds no session. */
  session: string;
  /** Raised by one when the file was rewritten and is read anew. */
  generation: number;
  /** Bytes of the file that are acknowledged. */
  offset: number;
  /** Size of the file in bytes when `offset` was all of it that could be sent. */
  size: number;
  /** Modification time of the file at that moment. */
  mtimeMs: number;
  /** Where to resume inside the session, as JSON; its meaning belongs to the caller. */
  state: unknown;
}

/** A record as the journal keeps it: what orders it is decoded, the rest on demand. */
export interface SegmentLine {
  /** Stands for the path: the same path always gives the same key. */
  readonly key: string;
  readonly generation: number;
  readonly offset: number;
  /** Counts the records of one path, to order those with the same generation and offset. */
  readonly revision: number;
  readonly text: string;
  /** Where in the text the fields after the key begin, and where the state does. */
  readonly rest: number;
  readonly stateAt: number;
}

/** The longest line that is written: the reader holds whole lines, so they have a limit. */
const lineCharsMax = 1024 * 1024;
const checksumChars = 8;

/**
 * A record as one line of ASCII, which is read fastest: a checksum, the four fields that order it,
 * size, time and session; then the state behind a checksum of its own, which is looked at only
 * where the state is. Strings are JSON, which has no tab and no line end and keeps every path.
 */
export function encodeLine(record: CursorRecord, revision: number): SegmentLine {
  const { generation, offset, size, mtimeMs } = record;
  for (const count of [generation, offset, size, revision]) {
    assert(Number.isSafeInteger(count) && count >= 0, "a cursor counts in whole numbers from 0");
  }
  assert(Number.isFinite(mtimeMs), "a modification time is a number");
  const key = keyOf(record.path);
  const order = `\t${generation}\t${offset}\t${revision}\t${key}\t`;
  const head = `${order}${size}\t${mtimeMs}\t${toAscii(JSON.stringify(record.session))}\t`;
  const state = toAscii(JSON.stringify(record.state) ?? "null");
  assert(head.length + state.length <= lineCharsMax, "a cursor's state is small");
  const text = checksumOf(head) + head + checksumOf(state) + state;
  const rest = checksumChars + order.length;
  return { key, generation, offset, revision, text, rest, stateAt: checksumChars + head.length };
}

/** The key under which records of a path are joined. */
export function keyOf(path: string): string {
  return toAscii(JSON.stringify(path));
}

/** Reads a line as far as joining needs it; undefined when it is damaged. */
export function parseLine(text: string): SegmentLine | undefined {
  const afterGeneration = text.indexOf("\t", checksumChars + 1);
  const afterOffset = text.indexOf("\t", afterGeneration + 1);
  const afterRevision = text.indexOf("\t", afterOffset + 1);
  const rest = text.indexOf("\t", afterRevision + 1) + 1;
  const afterSize = text.indexOf("\t", rest);
  const afterTime = text.indexOf("\t", afterSize + 1);
  const stateAt = text.indexOf("\t", afterTime + 1) + 1;
  if (!hasChecksum(text, 0, stateAt)) return undefined;
  return {
    key: text.slice(afterRevision + 1, rest - 1),
    generation: Number(text.slice(checksumChars + 1, afterGeneration)),
    offset: Number(text.slice(afterGeneration + 1, afterOffset)),
    revision: Number(text.slice(afterOffset + 1, afterRevision)),
    text,
    rest,
    stateAt,
  };
}

/** The whole record. Its `state` is parsed when it is asked for; undefined where it is damaged. */
export function decodeLine(
  { key, generation, offset, text, rest, stateAt }: SegmentLine,
  path = JSON.parse(key) as string,
): CursorRecord {
  // Not split(): a backfill with nothing to do decodes every line and looks at no state.
  const afterSize = text.indexOf("\t", rest);
  const afterTime = text.indexOf("\t", afterSize + 1);
  return {
    path,
    session: parseString(text.slice(afterTime + 1, stateAt - 1)),
    generation,
    offset,
    size: Number(text.slice(rest, afterSize)),
    mtimeMs: Number(text.slice(afterSize + 1, afterTime)),
    get state(): unknown {
      if (!hasChecksum(text, stateAt, text.length)) return undefined;
      return JSON.parse(text.slice(stateAt + checksumChars));
    },
  };
}

const beyondAscii = /[\u0080-\uffff]/;

/** JSON for the same value without a character beyond ASCII. */
function toAscii(json: string): string {
  if (!beyondAscii.test(json)) return json;
  return json.replaceAll(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function parseString(json: string): string {
  return json.includes("\\") ? (JSON.parse(json) as string) : json.slice(1, -1);
}

/** Whether the text from `start` to `end` begins with the checksum of the rest of it. */
function hasChecksum(text: string, start: number, end: number): boolean {
  const content = text.slice(start + checksumChars, end);
  return end > start + checksumChars && text.startsWith(checksumOf(content), start);
}

/** A multiplicative hash over pairs of UTF-16 units, in hex: it sees every change of a single unit. */
function checksumOf(text: string): string {
  let hash = text.length;
  let index = 0;
  for (; index + 1 < text.length; index += 2) {
    const pair = (text.charCodeAt(index) << 16) | text.charCodeAt(index + 1);
    hash = Math.imul(hash ^ pair, 0x9e3779b1);
  }
  if (index < text.length) hash = Math.imul(hash ^ text.charCodeAt(index), 0x9e3779b1);
  return (hash >>> 0).toString(16).padStart(checksumChars, "0");
}
