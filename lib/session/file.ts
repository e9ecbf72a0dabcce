import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { setImmediate } from "node:timers/promises";

import { AppError, messageOf } from "../errors.ts";
import { isNotFound } from "../platform/files.ts";
import { readLines } from "./lines.ts";
import type { ByteSource, Line } from "./lines.ts";

/** Parsing so much takes under a millisecond. */
const pieceBytesMax = 256 * 1024;
const pieceBytesMin = 4 * 1024;
const headBytes = 512;

/** Where to start, and how to stop. */
export interface FileLinesOptions {
  /** The offset of the first line to read; 0 unless told. */
  from?: number | undefined;
  /** Ends the reading with its reason, between two pieces. */
  signal?: AbortSignal | undefined;
}

/**
 * Reads the lines of a file that may grow meanwhile. Throws an `AppError` with the code `io` where
 * the file cannot be read, has fewer bytes than `from`, or was removed, replaced, cut or rewritten
 * while it was read: what was read until then may be a mixture of two files.
 */
export async function* readFileLines(
  path: string,
  options: FileLinesOptions = {},
): AsyncGenerator<Line[], void, undefined> {
  const { from = 0, signal } = options;
  const file = openFile(path, from);
  try {
    const left = file.size - from + 1;
    const pieceBytes = Math.min(pieceBytesMax, Math.max(pieceBytesMin, left));
    yield* readLines(file, from, { pieceBytes, signal });
    file.check();
  } finally {
    file.close();
  }
}

/** An open file that notices when it is no longer the file that was opened. */
interface WatchedFile extends ByteSource {
  /** Its size when it was opened. */
  readonly size: number;
  /** Throws where the file was changed otherwise than by appending. */
  check(): void;
  close(): void;
}

function openFile(path: string, from: number): WatchedFile {
  const descriptor = attempt(path, () => openSync(path, "r"));
  try {
    return watchFile(path, descriptor, from);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/**
 * Reads are synchronous, with a turn of the event loop before each: session files are small or in
 * memory mostly, and reading them in other threads makes parsing half as slow again.
 */
function watchFile(path: string, descriptor: number, from: number): WatchedFile {
  const opened = attempt(path, () => fstatSync(descriptor));
  const readHead = (): Buffer => {
    const head = Buffer.alloc(Math.min(headBytes, opened.size));
    return head.subarray(0, readSync(descriptor, head, 0, head.length, 0));
  };
  const head = attempt(path, readHead);
  let end = from;

  return {
    size: opened.size,
    async read(into, position) {
      await setImmediate();
      const read = (): number => readSync(descriptor, into, 0, into.length, position);
      const count = attempt(path, read);
      end = position + count;
      return count;
    },
    check() {
      const now = attempt(path, () => statSync(path));
      if (now.ino !== opened.ino || now.dev !== opened.dev) throw changed(path, "was replaced");
      if (now.size < end) throw changed(path, "became shorter");
      // pi rewrites a file of an old version as a whole; its first line is another one then.
      const isTouched = now.mtimeMs !== opened.mtimeMs;
      if (isTouched && !head.equals(attempt(path, readHead))) throw changed(path, "was rewritten");
    },
    close: () => closeSync(descriptor),
  };
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (isNotFound(error)) throw changed(path, "was removed", error);
    throw new AppError("io", `cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
}

function changed(path: string, what: string, cause?: unknown): AppError {
  return new AppError("io", `${path} ${what} since it was found`, { hint: "Try again.", cause });
}
