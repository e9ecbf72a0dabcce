import { cutNote } from "./cut.ts";

const quote = 0x22;
const backslash = 0x5c;
const letterU = 0x75;

const stringBytesMax = 1024 * 1024;
/** Keys, types and ids are shorter than this, so they are never cut. */
const stringBytesMin = 256;
const stepBytes = 64 * 1024;

/**
 * Makes a line of JSON small that is too large for memory, while it is read in pieces: long strings
 * keep their beginning and a note of how much was cut (`cutNote`), everything else stays as it is.
 *
 * It holds about `bytesMax` bytes. A string may have a quarter of what is left of the first half of
 * them, but no more than 1 MiB; the second half is for everything else.
 */
export class LineShrinker {
  readonly #bytesMax: number;
  #kept = Buffer.allocUnsafe(2 * stepBytes);
  #size = 0;
  #inString = false;
  /** From this size of `#kept` on, the string that we are in is cut. */
  #stringEnd = 0;
  /** Bytes that are left of an escape sequence, or -1 where its second byte comes next. */
  #escape = 0;
  #isCutting = false;
  #cutBytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Takes the next bytes of the line. */
  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length && !this.#isTooLarge()) {
      at = this.#isCutting ? this.#skip(bytes, at) : this.#keep(bytes, at);
    }
  }

  /** The small line, or undefined where other things than long strings make it too large. */
  end(): Buffer | undefined {
    return this.#isTooLarge() ? undefined : this.#kept.subarray(0, this.#size);
  }

  #isTooLarge(): boolean {
    return this.#size > this.#bytesMax;
  }

  /** Copies bytes until a string gets too long; returns where it stopped. */
  #keep(bytes: Uint8Array, from: number): number {
    const to = Math.min(bytes.length, from + stepBytes);
    this.#reserve(to - from);
    for (let at = from; at < to; at++) {
      const byte = bytes[at] ?? 0;
      if (this.#inString && this.#size >= this.#stringEnd && this.#mayCutBefore(byte)) {
        this.#isCutting = true;
        return at;
      }
      this.#kept[this.#size++] = byte;
      this.#follow(byte);
    }
    return to;
  }

  /** Passes over the rest of a string and puts the note in its place; returns where it stopped. */
  #skip(bytes: Uint8Array, from: number): number {
    let isEscaped = this.#escape !== 0;
    let at = from;
    while (at < bytes.length && (isEscaped || bytes[at] !== quote)) {
      isEscaped = !isEscaped && bytes[at] === backslash;
      at += 1;
    }
    this.#escape = isEscaped ? -1 : 0;
    this.#cutBytes += at - from;
    if (at < bytes.length) this.#endCut();
    return at;
  }

  #endCut(): void {
    const note = Buffer.from(JSON.stringify(cutNote(this.#cutBytes)).slice(1, -1));
    this.#reserve(note.length);
    this.#kept.set(note, this.#size);
    this.#size += note.length;
    this.#isCutting = false;
    this.#cutBytes = 0;
  }

  /** Keeps track of strings and escape sequences. */
  #follow(byte: number): void {
    if (this.#escape === -1) this.#escape = byte === letterU ? 4 : 0;
    else if (this.#escape > 0) this.#escape -= 1;
    else if (byte === quote) this.#openOrClose();
    else if (byte === backslash) this.#escape = -1;
  }

  #openOrClose(): void {
    this.#inString = !this.#inString;
    const share = Math.floor((this.#bytesMax / 2 - this.#size) / 4);
    this.#stringEnd = this.#size + Math.max(stringBytesMin, Math.min(stringBytesMax, share));
  }

  /** Whether a character starts with this byte, and the string does not end with it. */
  #mayCutBefore(byte: number): boolean {
    const isCharacterStart = this.#escape === 0 && (byte & 0xc0) !== 0x80;
    return isCharacterStart && byte !== quote && !this.#endsInHalfPair();
  }

  /** Whether the last that was kept is `\ud800` to `\udbff`, the first half of a character. */
  #endsInHalfPair(): boolean {
    const last = this.#kept.toString("latin1", Math.max(0, this.#size - 6), this.#size);
    return /^\\u[dD][89abAB]..$/.test(last);
  }

  #reserve(bytes: number): void {
    if (this.#size + bytes <= this.#kept.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.#size + bytes));
    this.#kept.copy(larger, 0, 0, this.#size);
    this.#kept = larger;
  }
}
