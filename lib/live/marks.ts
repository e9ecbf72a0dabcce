import { createHash } from "node:crypto";
import { readFile, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { AppError, messageOf } from "../errors.ts";
import { isNotFound, makePrivateDir, privateFileMode } from "../platform/files.ts";
import { isProcessAlive, processId } from "../platform/process.ts";
import { asRecord, asString } from "../session/value.ts";

/** A session that a process took on and that may not be on the server as a whole. */
export interface Mark {
  /** The session file. */
  path: string;
  /** The file is ours: pi keeps no file of the session. */
  isSpooled: boolean;
}

/** A mark that nobody sees to. */
export interface LeftMark extends Mark {
  /** This process claimed it, for a session before. */
  isOurs: boolean;
}

/**
 * What is under way, as small files in a folder: one for each session and process. They outlast a
 * process that is killed, so that the next one finds what is left to do.
 */
export interface Marks {
  /**
   * Says that this process sees to a session; to be said again at least every few minutes.
   *
   * @throws AppError "io" where the mark can't be made
   */
  claim(mark: Mark): Promise<void>;
  /** Says that all of a session is delivered, whoever claimed it, or that it is not to be. */
  release(path: string): Promise<void>;
  /** Sessions that no other process that runs sees to. */
  listLeft(): Promise<LeftMark[]>;
  /** Sessions that other processes that run see to. */
  listSeenTo(): Promise<Mark[]>;
}

/** A process that claims nothing for so long is not the one any more that has its number now. */
const claimMsMax = 15 * 60 * 1000;

/** Opens the marks in a folder, which need not exist. */
export function openMarks(dir: string, now: () => number): Marks {
  return {
    async claim(mark) {
      const path = join(dir, fileName(mark.path, processId));
      const time = new Date(now());
      try {
        await utimes(path, time, time);
      } catch (error) {
        if (!isNotFound(error)) throw cannotWrite(dir, error);
        await makeMark(dir, path, mark);
      }
    },
    async release(path) {
      const prefix = fileName(path, "");
      for (const name of await listNames(dir)) {
        if (name.startsWith(prefix) && !(await isSeenTo(dir, name, now()))) {
          await rm(join(dir, name), { force: true });
        }
      }
    },
    async listLeft() {
      const { left, seenTo } = await sortMarks(dir, now());
      return [...left.values()].filter(({ path }) => !seenTo.has(path));
    },
    async listSeenTo() {
      return [...(await sortMarks(dir, now())).seenTo.values()];
    },
  };
}

async function makeMark(dir: string, path: string, mark: Mark): Promise<void> {
  try {
    await makePrivateDir(dir);
    await writeFile(path, JSON.stringify(mark), { mode: privateFileMode });
  } catch (error) {
    throw cannotWrite(dir, error);
  }
}

function cannotWrite(dir: string, cause: unknown): AppError {
  return new AppError("io", `Could not write to ${dir}: ${messageOf(cause)}.`, {
    hint: "Check that the disk is not full and that the folder belongs to you.",
    cause,
  });
}

/** The marks by session: of other processes that run, and all others. A session can have both. */
interface SortedMarks {
  left: Map<string, LeftMark>;
  seenTo: Map<string, Mark>;
}

async function sortMarks(dir: string, now: number): Promise<SortedMarks> {
  const { left, seenTo }: SortedMarks = { left: new Map(), seenTo: new Map() };
  for (const name of await listNames(dir)) {
    const mark = await readMark(join(dir, name));
    if (mark === undefined) continue;
    const { path } = mark;
    const isOurs = ownerOf(name) === processId || left.get(path)?.isOurs === true;
    if (await isSeenTo(dir, name, now)) seenTo.set(path, mark);
    else left.set(path, { ...mark, isOurs });
  }
  return { left, seenTo };
}

/** `<session>.<process>`. The path itself could be longer than a name may be. */
function fileName(path: string, process: number | ""): string {
  const session = createHash("sha256").update(path).digest("hex").slice(0, 24);
  return `${session}.${process}`;
}

function ownerOf(name: string): number {
  return Number(name.slice(name.indexOf(".") + 1));
}

/** Whether another process claimed the session, and runs. */
async function isSeenTo(dir: string, name: string, now: number): Promise<boolean> {
  const owner = ownerOf(name);
  if (owner === processId || !isProcessAlive(owner)) return false;
  const stats = await stat(join(dir, name)).catch(() => undefined);
  return stats !== undefined && now - stats.mtimeMs < claimMsMax;
}

async function listNames(dir: string): Promise<string[]> {
  try {
    return (await readdir(dir)).filter((name) => /^[0-9a-f]{24}\.\d+$/.test(name));
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}

/** A mark that was torn by a crash is one of a session that is looked at when it goes on. */
async function readMark(path: string): Promise<Mark | undefined> {
  try {
    const mark = asRecord(JSON.parse(await readFile(path, "utf8")));
    const session = asString(mark?.["path"]);
    return session === undefined
      ? undefined
      : { path: session, isSpooled: mark?.["isSpooled"] === true };
  } catch {
    return undefined;
  }
}
