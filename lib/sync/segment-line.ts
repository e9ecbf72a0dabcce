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
  /** Where in the text the fields after the key begin. */
  readonly rest: number;
}

/** The longest line that is written: the reader holds whole lines, so they have a limit. */
const lineCharsMax = 1024 * 1024;
const checksumChars = 8;

/**
 * A record as one line: a checksum, the four fields that order it, then the others. Strings are
 * JSON, which has no tab and no line end of its own and keeps every path, lone surrogates too.
 */
export function encodeLine(record: CursorRecord, revision: number): SegmentLine {
  const { generation, offset, size, mtimeMs } = record;
  for (const count of [generation, offset, size, revision]) {
    assert(Number.isSafeInteger(count) && count >= 0, "a cursor counts in whole numbers from 0");
  }
  assert(Number.isFinite(mtimeMs), "a modification time is a number");
  const key = keyOf(record.path);
  const session = JSON.stringify(record.session);
  const state = JSON.stringify(record.state) ?? "null";
  const head = `\t${generation}\t${offset}\t${revision}\t${key}\t`;
  const body = `${head}${size}\t${mtimeMs}\t${session}\t${state}`;
  assert(body.length <= lineCharsMax, "a cursor's state is small");
  const checksum = checksumOf(body, 0).toString(16).padStart(checksumChars, "0");
  const rest = checksumChars + head.length;
  return { key, generation, offset, revision, text: checksum + body, rest };
}

/** The key under which records of a path are joined. */
export function keyOf(path: string): string {
  return JSON.stringify(path);
}

/** Reads a line as far as joining needs it; undefined when it is damaged. */
export function parseLine(text: string): SegmentLine | undefined {
  if (Number.parseInt(text.slice(0, checksumChars), 16) !== checksumOf(text, checksumChars)) {
    return undefined;
  }
  const afterGeneration = text.indexOf("\t", checksumChars + 1);
  const afterOffset = text.indexOf("\t", afterGeneration + 1);
  const afterRevision = text.indexOf("\t", afterOffset + 1);
  const afterKey = text.indexOf("\t", afterRevision + 1);
  return {
    key: text.slice(afterRevision + 1, afterKey),
    generation: Number(text.slice(checksumChars + 1, afterGeneration)),
    offset: Number(text.slice(afterGeneration + 1, afterOffset)),
    revision: Number(text.slice(afterOffset + 1, afterRevision)),
    text,
    rest: afterKey + 1,
  };
}

/** The whole record. Its `state` is parsed when it is asked for. */
export function decodeLine(
  { key, generation, offset, text, rest }: SegmentLine,
  path = JSON.parse(key) as string,
): CursorRecord {
  // Not split(): a backfill with nothing to do decodes every line and looks at no state.
  const afterSize = text.indexOf("\t", rest);
  const afterTime = text.indexOf("\t", afterSize + 1);
  const afterSession = text.indexOf("\t", afterTime + 1);
  return {
    path,
    session: JSON.parse(text.slice(afterTime + 1, afterSession)) as string,
    generation,
    offset,
    size: Number(text.slice(rest, afterSize)),
    mtimeMs: Number(text.slice(afterSize + 1, afterTime)),
    get state(): unknown {
      return JSON.parse(text.slice(afterSession + 1));
    },
  };
}

/** A multiplicative hash over pairs of UTF-16 units: it sees every change of a single unit. */
function checksumOf(text: string, start: number): number {
  let hash = text.length - start;
  let index = start;
  for (; index + 1 < text.length; index += 2) {
    const pair = (text.charCodeAt(index) << 16) | text.charCodeAt(index + 1);
    hash = Math.imul(hash ^ pair, 0x9e3779b1);
  }
  if (index < text.length) hash = Math.imul(hash ^ text.charCodeAt(index), 0x9e3779b1);
  return hash >>> 0;
}
