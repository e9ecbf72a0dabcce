import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  realpathSync,
  statSync,
} from "node:fs";
import type { Stats } from "node:fs";
import { join, relative, sep } from "node:path";

import { isNotFound } from "../platform/files.ts";
import { hostPlatform } from "../platform/paths.ts";
import { judgeTarget } from "./selection.ts";

/** Why something that is there is left out, in a short phrase. */
export interface Reason {
  readonly reason: string;
}

/** Something in the agent directory that can be synced: a file, or a folder. */
export interface Found {
  /** Where it is, with links followed. */
  readonly place: string;
  readonly stats: Stats;
  /** The folders on the way, with links followed, and itself. */
  readonly way: readonly string[];
}

/** A file's content, and its state at that time. */
export interface LocalFile {
  readonly content: Uint8Array;
  readonly stats: Stats;
}

/** Larger files are left out. */
const fileBytesMax = 5 * 1024 * 1024;
/** What is read before somebody else has a turn. */
const pieceBytes = 512 * 1024;
const attemptsMax = 3;

/** Whether an answer is a reason. */
export function isLeftOut(answer: object): answer is Reason {
  return "reason" in answer;
}

/** Whether a file's mode lets anybody execute it. Windows has no such bit. */
export function hasExecutableBit(mode: number): boolean {
  return hostPlatform !== "win32" && (mode & 0o111) !== 0;
}

/** Looks for a path below the agent directory, which is given without links. */
export function locate(root: string, path: string): Found | Reason | undefined {
  let found: Found | Reason | undefined = { place: root, stats: statSync(root), way: [root] };
  for (const name of path.split("/")) {
    found = findIn(root, found, name);
    if (found === undefined || isLeftOut(found)) break;
  }
  return found;
}

/**
 * Looks for a name in a folder. A link is followed where it leads to a place in the agent directory
 * that may be synced, and to no folder that it stands in: its search would not end.
 */
export function findIn(root: string, folder: Found, name: string): Found | Reason | undefined {
  const path = join(folder.place, name);
  try {
    const stats = lstatSync(path);
    if (!stats.isSymbolicLink()) return check(path, stats, folder.way);
    const place = realpathSync(path);
    const target = statSync(place);
    return judgeLink(root, place, target, folder.way) ?? check(place, target, folder.way);
  } catch (error) {
    return isGone(error, path) ? undefined : explain(error);
  }
}

function check(place: string, stats: Stats, way: readonly string[]): Found | Reason {
  if (!stats.isFile() && !stats.isDirectory()) return { reason: "neither a file nor a folder" };
  if (stats.isFile() && stats.size > fileBytesMax) return { reason: "larger than 5 MB" };
  return { place, stats, way: [...way, place] };
}

function judgeLink(
  root: string,
  place: string,
  target: Stats,
  way: readonly string[],
): Reason | undefined {
  const path = relative(root, place).replaceAll(sep, "/");
  const isAround = way.some((folder) => folder === place || folder.startsWith(place + sep));
  if (isAround) return { reason: "a link to a folder that it stands in" };
  if (!place.startsWith(root + sep))
    return { reason: "a link that leads out of the agent directory" };
  const refusal = judgeTarget(path, target.isDirectory() ? "folder" : "file");
  return refusal === undefined ? undefined : { reason: `a link to ${path}: ${refusal}` };
}

/** A link that leads nowhere is there. */
function isGone(error: unknown, path: string): boolean {
  if (hasCode(error, "ENOTDIR")) return true;
  return isNotFound(error) && lstatSync(path, { throwIfNoEntry: false }) === undefined;
}

/** What keeps the system from reading something that is there. Anything but its errors is thrown. */
export function explain(error: unknown): Reason {
  if (!(error instanceof Error) || !("code" in error)) throw error;
  const { code } = error;
  if (code === "ENOENT") return { reason: "a link that leads nowhere" };
  if (code === "ELOOP") return { reason: "a link that leads to itself" };
  if (code === "EACCES" || code === "EPERM") return { reason: "you may not read it" };
  return { reason: `it can't be read (${String(code)})` };
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/**
 * Reads a file as a whole, in the state of one moment; undefined where it is gone. `pause` is called
 * between the pieces of a large one.
 */
export async function readWhole(
  place: string,
  pause: () => Promise<unknown>,
): Promise<LocalFile | Reason | undefined> {
  try {
    for (let attempt = 1; attempt <= attemptsMax; attempt++) {
      const file = await readOnce(place, pause);
      if (file !== undefined) return file;
      await pause();
    }
    return { reason: "it changes all the time" };
  } catch (error) {
    return isNotFound(error) ? undefined : explain(error);
  }
}

/** Undefined where the file changed meanwhile. */
async function readOnce(
  place: string,
  pause: () => Promise<unknown>,
): Promise<LocalFile | Reason | undefined> {
  // What was a file a moment ago can be a link now, or a pipe that nobody writes to.
  const file = openSync(
    place,
    constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
  );
  try {
    const stats = fstatSync(file);
    const problem = check(place, stats, []);
    if (isLeftOut(problem)) return problem;
    if (!stats.isFile()) return { reason: "a folder" };
    // A byte more than there should be, which shows a file that grows.
    const content = new Uint8Array(stats.size + 1);
    let length = 0;
    for (;;) {
      const count = readSync(
        file,
        content,
        length,
        Math.min(content.length - length, pieceBytes),
        null,
      );
      length += count;
      if (count === 0 || length === content.length) break;
      if (length < stats.size) await pause();
    }
    return length === stats.size && isSameMoment(stats, fstatSync(file))
      ? { content: content.subarray(0, length), stats }
      : undefined;
  } finally {
    closeSync(file);
  }
}

function isSameMoment(a: Stats, b: Stats): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs && a.ctimeMs === b.ctimeMs;
}
