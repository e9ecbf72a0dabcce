import { LineShrinker } from "./shrink.ts";

const lineFeed = 10;
const carriageReturn = 13;
/** The largest image that pi keeps in a line is about 5 MB. */
const lineBytesDefaultMax = 8 * 1024 * 1024;

/** Bytes with a position, such as an open file. */
export interface ByteSource {
  /** Fills `into` from `position` on, as far as it can; returns how many bytes, 0 at the end. */
  read(into: Buffer, position: number): Promise<number>;
}

/** A line and where it stands. */
export interface Line {
  /** Where its first byte stands in the source. */
  start: number;
  /** Where the next line starts: behind the LF. */
  end: number;
  /**
   * The line without its LF or CR LF; valid until the next batch of lines is asked for. Undefined
   * where it is too large even with its long strings cut.
   */
  bytes: Buffer | undefined;
  /** Whether the line was so large that its long strings may be cut. */
  isShrunk: boolean;
  /** False for the last line where no LF ends it: it may not be complete yet. */
  isEnded: boolean;
}

/** How much is held at once. */
export interface LineOptions {
  /** How much is read at once. */
  pieceBytes: number;
  /** A line above this size has its long strings cut (`LineShrinker`); 8 MiB unless told. */
  lineBytesMax?: number;
  /** Ends the reading with its reason, between two pieces. */
  signal?: AbortSignal | undefined;
}

/**
 * Reads lines from the offset `from` on, in one batch for each piece that is read. LF alone ends a
 * line: U+2028 and the like can stand inside of JSON.
 */
export async function* readLines(
  source: ByteSource,
  from: number,
  options: LineOptions,
): AsyncGenerator<Line[], void, undefined> {
  const { pieceBytes, lineBytesMax = lineBytesDefaultMax, signal } = options;
  const splitter = new LineSplitter(from, pieceBytes, lineBytesMax);
  for (;;) {
    signal?.throwIfAborted();
    const count = await source.read(splitter.room(), splitter.position);
    if (count === 0) break;
    yield splitter.take(count);
  }
  yield splitter.rest();
}

/**
 * Cuts what is read into lines, inside of one buffer. The beginning of a line whose end was not read
 * yet waits at the front of the buffer, and in a shrinker once it is too large for that.
 */
class LineSplitter {
  readonly #pieceBytes: number;
  readonly #lineBytesMax: number;
  #buffer: Buffer;
  /** The source's offset of the buffer's first byte. */
  #offset: number;
  /** What waits in the buffer. */
  #from = 0;
  #to = 0;
  /** The source's offset of the line that is not ended. */
  #lineStart: number;
  #shrinker: LineShrinker | undefined;

  constructor(position: number, pieceBytes: number, lineBytesMax: number) {
    this.#offset = position;
    this.#lineStart = position;
    this.#pieceBytes = pieceBytes;
    this.#lineBytesMax = lineBytesMax;
    this.#buffer = Buffer.allocUnsafe(pieceBytes);
  }

  /** The offset that is to be read next. */
  get position(): number {
    return this.#offset + this.#to;
  }

  /** Room for the next piece. Lines that were given out before are no longer valid. */
  room(): Buffer {
    const waiting = this.#buffer.subarray(this.#from, this.#to);
    const bytes = waiting.length + this.#pieceBytes;
    const buffer = bytes > this.#buffer.length ? Buffer.allocUnsafe(2 * bytes) : this.#buffer;
    if (this.#from > 0 || buffer !== this.#buffer) buffer.set(waiting);
    this.#buffer = buffer;
    this.#offset += this.#from;
    this.#from = 0;
    this.#to = waiting.length;
    return this.#buffer.subarray(this.#to, bytes);
  }

  /** The lines that end in the `count` bytes that were read into the room. */
  take(count: number): Line[] {
    const lines: Line[] = [];
    const filled = this.#buffer.subarray(0, this.#to + count);
    let feed = filled.indexOf(lineFeed, this.#to);
    while (feed !== -1) {
      const bytes = filled.subarray(this.#from, feed);
      this.#from = feed + 1;
      lines.push(this.#endLine(bytes, this.#offset + this.#from, true));
      feed = filled.indexOf(lineFeed, this.#from);
    }
    this.#to = filled.length;
    if (this.#shrinker || this.#to - this.#from > this.#lineBytesMax) this.#shrinkWaiting();
    return lines;
  }

  /** The last line, where no LF ends it. */
  rest(): Line[] {
    if (this.#lineStart === this.position) return [];
    return [this.#endLine(this.#buffer.subarray(this.#from, this.#to), this.position, false)];
  }

  #endLine(tail: Buffer, end: number, isEnded: boolean): Line {
    const start = this.#lineStart;
    this.#lineStart = end;
    this.#shrinker?.push(tail);
    const bytes = this.#shrinker ? this.#shrinker.end() : tail;
    const isShrunk = this.#shrinker !== undefined;
    this.#shrinker = undefined;
    return { start, end, bytes: bytes && trimReturn(bytes), isShrunk, isEnded };
  }

  #shrinkWaiting(): void {
    this.#shrinker ??= new LineShrinker(this.#lineBytesMax);
    this.#shrinker.push(this.#buffer.subarray(this.#from, this.#to));
    this.#from = this.#to;
  }
}

function trimReturn(bytes: Buffer): Buffer {
  return bytes.at(-1) === carriageReturn ? bytes.subarray(0, -1) : bytes;
}
