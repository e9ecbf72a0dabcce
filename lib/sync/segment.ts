import { randomBytes } from "node:crypto";
import {
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { isNotFound, privateFileMode } from "../platform/files.ts";

/**
 * Segments are the files of the journal's folder, named `<created>-<random>.v1.log`. A segment is
 * appended to by the process that made it and by no other.
 */
const segmentNamePattern = /^(\d+)-[0-9a-f]+\.v1\.log$/;
const temporaryNamePattern = /^(\d+)-[0-9a-f]+\.v1\.tmp$/;

/**
 * A writer leaves its segment an hour after it made it. Two hours after that time nobody writes to
 * it any more, on this machine or on another that shares the folder: the rule needs no process id,
 * which would mean nothing outside its own container.
 */
const writtenForMs = 60 * 60 * 1000;
const finishedAfterMs = 2 * writtenForMs;

/** The creation time of a segment that was finished from its first byte. */
const finishedAtBirth = 0;

/** What is read at once. More than the longest line, so that a piece without a line end is damage. */
const pieceBytes = 512 * 1024;
const lineEnd = 10;
/** Lines are ASCII. This reads as many characters as there are bytes, whatever they are. */
const encoding = "latin1";

/** A segment that this process appends to. */
export interface OwnSegment {
  readonly name: string;
  readonly createdMs: number;
  readonly file: number;
  /** Bytes written so far. */
  size: number;
}

/** Whether the owner may go on appending to its segment. */
export function isStillWritable(segment: OwnSegment, nowMs: number): boolean {
  const ageMs = nowMs - segment.createdMs;
  return ageMs >= 0 && ageMs < writtenForMs;
}

/** Whether nobody appends to a segment any more, to judge by its name. */
export function isFinished(name: string, nowMs: number): boolean {
  return nowMs - Number.parseInt(name, 10) > finishedAfterMs;
}

/** The names of a folder's segments in order; none where there is no folder. */
export function listSegments(dir: string): string[] {
  return listNames(dir)
    .filter((name) => segmentNamePattern.test(name))
    .sort();
}

/** Starts an empty segment, and its folder where that is missing. */
export function createSegment(dir: string, createdMs: number): OwnSegment {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const name = `${createdMs}-${randomSuffix()}.v1.log`;
  return { name, createdMs, file: openSync(join(dir, name), "ax", privateFileMode), size: 0 };
}

/**
 * Appends a line. It begins with a line end of its own, so that a torn or damaged one before it
 * does not take it along.
 */
export function appendLine(segment: OwnSegment, text: string): void {
  const bytes = Buffer.from(`\n${text}\n`, encoding);
  const written = writeSync(segment.file, bytes);
  segment.size += written;
  if (written < bytes.length) throw new Error("the disk took only a part of it");
}

/** Stops appending. */
export function closeSegment(segment: OwnSegment): void {
  closeSync(segment.file);
}

/**
 * Hands over the whole lines of a segment from byte `from` on, in large pieces, and returns where
 * to go on next time; undefined when the segment is not there or cannot be read.
 */
export function readSegment(
  dir: string,
  name: string,
  from: number,
  onText: (text: string) => void,
): number | undefined {
  let file: number | undefined;
  try {
    file = openSync(join(dir, name), "r");
    return readLines(file, from, onText);
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function readLines(file: number, from: number, onText: (text: string) => void): number {
  let position = from;
  const size = fstatSync(file).size;
  if (size <= from) return position;
  const piece = Buffer.allocUnsafe(Math.min(size - from, pieceBytes));
  for (;;) {
    const count = readSync(file, piece, 0, piece.length, position);
    if (count === 0) return position;
    const end = piece.subarray(0, count).lastIndexOf(lineEnd) + 1;
    if (end === 0 && count < pieceBytes) return position;
    if (end > 0) onText(piece.toString("latin1", 0, end));
    position += end > 0 ? end : count;
  }
}

/**
 * Writes a finished segment as a whole and returns its name and size. When this returns it is on
 * the disk, name included: what it replaces may be removed.
 */
export function writeFinishedSegment(
  dir: string,
  lines: Iterable<string>,
  nowMs: number,
): { name: string; size: number } {
  const suffix = randomSuffix();
  const temporary = join(dir, `${nowMs}-${suffix}.v1.tmp`);
  const name = `${finishedAtBirth}-${suffix}.v1.log`;
  const content = Buffer.from(Array.from(lines, (text) => `\n${text}\n`).join(""), encoding);
  try {
    const file = openSync(temporary, "wx", privateFileMode);
    try {
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, join(dir, name));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  flushDir(dir);
  return { name, size: content.length };
}

/** Removes segments. One that another process holds or has removed already does no harm. */
export function removeSegments(dir: string, names: Iterable<string>): void {
  for (const name of names) {
    try {
      rmSync(join(dir, name), { force: true });
    } catch {
      // Windows may keep a file that is open elsewhere: the next compaction takes it.
    }
  }
}

/** What crashed compactions left. */
export function listLeftovers(dir: string, nowMs: number): string[] {
  return listNames(dir).filter(
    (name) => temporaryNamePattern.test(name) && isFinished(name, nowMs),
  );
}

function listNames(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

/** Makes a rename last through a power cut. Windows cannot, and does not need to, flush a folder. */
function flushDir(dir: string): void {
  try {
    const folder = openSync(dir, "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch {
    // Not every file system lets a folder be flushed.
  }
}

function randomSuffix(): string {
  return randomBytes(6).toString("hex");
}
