import { open, stat } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";

import { AppError, messageOf } from "../errors.ts";
import { isNotFound } from "../platform/files.ts";
import { readLines } from "./lines.ts";
import type { ByteSource, Line } from "./lines.ts";

const pieceBytesMax = 256 * 1024;
const pieceBytesMin = 4 * 1024;
const headBytes = 512;

/** Where to start, and how to stop. */
export interface FileLinesOptions {
  /** The offset of the first line to read; 0 unless told. */
  from?: number | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Reads the lines of a file that may grow meanwhile. Throws an `AppError` with the code `io` where
 * the file cannot be read, has fewer bytes than `from`, or was removed, replaced, cut or rewritten
 * while it was read: what was read until then may then be a mixture of two files.
 */
export async function* readFileLines(
  path: string,
  options: FileLinesOptions = {},
): AsyncGenerator<Line[], void, undefined> {
  const { from = 0, signal } = options;
  const file = await openFile(path, from);
  try {
    const left = file.size - from + 1;
    const pieceBytes = Math.min(pieceBytesMax, Math.max(pieceBytesMin, left));
    yield* readLines(file, from, { pieceBytes, signal });
    await file.check();
  } finally {
    await file.close();
  }
}

/** An open file that notices when it is no longer the file that was opened. */
interface WatchedFile extends ByteSource {
  /** Its size when it was opened. */
  readonly size: number;
  /** Throws where the file was changed otherwise than by appending. */
  check(): Promise<void>;
  close(): Promise<void>;
}

async function openFile(path: string, from: number): Promise<WatchedFile> {
  const handle = await attempt(path, () => open(path, "r"));
  try {
    return await watch(path, handle, from);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function watch(path: string, handle: FileHandle, from: number): Promise<WatchedFile> {
  const opened = await attempt(path, () => handle.stat());
  if (opened.size < from) throw changed(path, "is shorter than it was");
  const readHead = () => readAt(handle, Buffer.alloc(Math.min(headBytes, opened.size)), 0);
  const head = await attempt(path, readHead);
  let end = from;

  return {
    size: opened.size,
    async read(into, position) {
      const { bytesRead } = await attempt(path, () => handle.read(into, 0, into.length, position));
      end = position + bytesRead;
      return bytesRead;
    },
    async check() {
      const now = await attempt(path, () => stat(path));
      if (now.ino !== opened.ino || now.dev !== opened.dev) throw changed(path, "was replaced");
      if (now.size < end) throw changed(path, "became shorter");
      if (now.mtimeMs === opened.mtimeMs) return;
      // pi rewrites files of old versions as a whole, and changes their first line when it does.
      if (!head.equals(await attempt(path, readHead))) throw changed(path, "was rewritten");
    },
    close: () => handle.close(),
  };
}

async function readAt(handle: FileHandle, into: Buffer, position: number): Promise<Buffer> {
  const { bytesRead } = await handle.read(into, 0, into.length, position);
  return into.subarray(0, bytesRead);
}

async function attempt<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (isNotFound(error)) throw changed(path, "is not there any more", error);
    throw new AppError("io", `cannot read ${path}: ${messageOf(error)}`, { cause: error });
  }
}

function changed(path: string, what: string, cause?: unknown): AppError {
  return new AppError("io", `${path} ${what} while it was read`, { hint: "Try again.", cause });
}
