import { assert } from "../assert.ts";

/** What has been acknowledged of one session file. */
export interface CursorRecord {
  /** Path of the session file. */
  readonly path: string;
  /** OpenSync's id of the session; "" where the file holds no session. */
  readonly session: string;
  /** Raised by one when the file was rewritten and is read anew. */
  readonly generation: number;
  /** Bytes of the file that are acknowledged. */
  readonly offset: number;
  /** Size of the file in bytes when `offset` was all of it that could be sent. */
  readonly size: number;
  /** Modification time of the file at that moment. */
  readonly mtimeMs: number;
  /**
   * Where to resume inside the session, as JSON; its meaning belongs to the caller. Undefined where
   * it was damaged.
   */
  readonly state: unknown;
}

/**
 * A record as the journal keeps it: one line of tab-separated fields, in ASCII. A checksum, the head
 * (path, size, modification time, session, generation, offset, revision, checksum of the state, time
 * when the file was complete last), an empty field, and the state. Strings are JSON, which has no tab and no line end of its own and
 * keeps every path, lone surrogates too.
 *
 * A backfill with nothing to do reads every line and needs two numbers of each. So what is read is
 * checked as far as the head, and each field is decoded when it is asked for.
 */
export class SegmentLine implements CursorRecord {
  readonly path: string;
  /** The text that holds the line, where in it the fields behind the path begin, and so on. */
  readonly #source: string;
  readonly #start: number;
  readonly #fields: number;
  readonly #state: number;
  readonly #end: number;

  private constructor(source: string, start: number, state: number, end: number) {
    const afterPath = source.indexOf("\t", start + checksumChars + 1);
    this.path = decodePath(source.slice(start + checksumChars + 1, afterPath));
    this.#source = source;
    this.#start = start;
    this.#fields = afterPath + 1;
    this.#state = state;
    this.#end = end;
  }

  /** The line between two places of a text; undefined where its head is damaged. */
  static parse(source: string, start: number, end: number): SegmentLine | undefined {
    const headEnd = source.indexOf(stateMark, start);
    if (headEnd === -1 || headEnd >= end) return undefined;
    const checksum = Number.parseInt(source.slice(start, start + checksumChars), 16);
    if (checksum !== checksumOf(source, start + checksumChars, headEnd)) return undefined;
    return new SegmentLine(source, start, headEnd + stateMark.length, end);
  }

  /** The line of a record. `revision` counts the records of one path; for `completeAt` see below. */
  static of(record: CursorRecord, revision: number, completeAt: number): SegmentLine {
    const { path, session, size, mtimeMs, generation, offset } = record;
    for (const count of [generation, offset, size, revision, completeAt]) {
      assert(Number.isSafeInteger(count) && count >= 0, "a cursor counts in whole numbers from 0");
    }
    assert(Number.isFinite(mtimeMs), "a modification time is a number");
    const state = toAsciiJson(record.state ?? null);
    const stateChecksum = formatChecksum(state, 0);
    const strings = [toAsciiJson(path), size, mtimeMs, toAsciiJson(session)];
    const counts = [generation, offset, revision, stateChecksum, completeAt];
    const head = `\t${[...strings, ...counts].join("\t")}`;
    const text = `${formatChecksum(head, 0)}${head}${stateMark}${state}`;
    assert(text.length <= lineCharsMax, "a cursor's state is small");
    return new SegmentLine(text, 0, text.length - state.length, text.length);
  }

  get text(): string {
    return this.#source.slice(this.#start, this.#end);
  }

  get size(): number {
    return Number(this.#field(0));
  }

  get mtimeMs(): number {
    return Number(this.#field(1));
  }

  get session(): string {
    return JSON.parse(this.#field(2)) as string;
  }

  get generation(): number {
    return Number(this.#field(3));
  }

  get offset(): number {
    return Number(this.#field(4));
  }

  /** Orders the records of one path with the same generation and offset. */
  get revision(): number {
    return Number(this.#field(5));
  }

  /**
   * When all of the file was acknowledged last, in Unix milliseconds; 0 where it never was, or that
   * is not known, as of lines of earlier versions.
   */
  get completeAt(): number {
    return Number(this.#field(7));
  }

  get state(): unknown {
    const text = this.#source.slice(this.#state, this.#end);
    return this.#field(6) === formatChecksum(text, 0) ? JSON.parse(text) : undefined;
  }

  /** A field of the head, counted from the one behind the path. */
  #field(index: number): string {
    let start = this.#fields;
    for (let count = 0; count < index; count++) start = this.#source.indexOf("\t", start) + 1;
    return this.#source.slice(start, this.#source.indexOf("\t", start));
  }
}

/** The longest line that is written: the reader holds whole lines, so they have a limit. */
const lineCharsMax = 256 * 1024;
const checksumChars = 8;
/** Begins the state. No field of the head is empty. */
const stateMark = "\t\t";

/** JSON without characters beyond ASCII: a reader need not decode UTF-8. */
function toAsciiJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Most paths stand in JSON as they are, but for the quotes. */
function decodePath(json: string): string {
  return json.includes("\\") ? (JSON.parse(json) as string) : json.slice(1, -1);
}

function formatChecksum(text: string, start: number): string {
  return checksumOf(text, start, text.length).toString(16).padStart(checksumChars, "0");
}

/** A multiplicative hash over four bytes at a time: it sees every change within four of them. */
function checksumOf(text: string, start: number, end: number): number {
  let hash = end - start;
  let index = start;
  for (; index + 3 < end; index += 4) {
    const word =
      (text.charCodeAt(index) << 24) |
      (text.charCodeAt(index + 1) << 16) |
      (text.charCodeAt(index + 2) << 8) |
      text.charCodeAt(index + 3);
    hash = Math.imul(hash ^ word, 0x9e3779b1);
  }
  for (; index < end; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x9e3779b1);
  return hash >>> 0;
}
