import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";

import { messageOf } from "../../errors.ts";
import { piAgentDir } from "../../platform/paths.ts";
import type { Env } from "../../platform/paths.ts";
import { findSessionFiles } from "../../session/discover.ts";
import type { SessionFile } from "../../session/discover.ts";
import { isThere } from "./stat.ts";

/** The sessions of this machine, and what of them can't be read. */
export interface SessionFacts {
  /** Where pi keeps sessions unless it is told otherwise. */
  defaultDir: string;
  hasDefaultDir: boolean;
  /** The directories that sessions were found in. */
  dirs: { path: string; files: number }[];
  files: number;
  bytes: number;
  unreadable: { path: string; reason: string }[];
}

/** What `lookAtSessions` gives: the facts, and the files for whom they are of use. */
export interface FoundSessions {
  facts: SessionFacts;
  files: SessionFile[];
}

/** A header is one line of some hundred bytes. */
const headBytes = 4096;
/** So many files are looked at before others get their turn. */
const filesPerTurn = 200;

/** Finds the sessions as sending would, and looks at the beginning of each. */
export async function lookAtSessions(where: { env: Env; cwd: string }): Promise<FoundSessions> {
  const { files, problems } = findSessionFiles(where);
  const defaultDir = join(piAgentDir(where.env), "sessions");
  const unreadable = problems.map(({ path, reason }) => ({ path, reason }));
  for (const [index, { path }] of files.entries()) {
    if (index % filesPerTurn === 0) await setImmediate();
    const reason = findDamage(path);
    if (reason !== undefined) unreadable.push({ path, reason });
  }
  const dirs = new Map<string, number>();
  for (const { root } of files) dirs.set(root, (dirs.get(root) ?? 0) + 1);
  return {
    files,
    facts: {
      defaultDir,
      hasDefaultDir: await isThere(defaultDir),
      dirs: [...dirs].map(([path, count]) => ({ path, files: count })),
      files: files.length,
      bytes: files.reduce((sum, { size }) => sum + size, 0),
      unreadable,
    },
  };
}

/** Why nothing of a session can be read, if so. */
function findDamage(path: string): string | undefined {
  try {
    const head = readHead(path);
    const end = head.indexOf("\n");
    // pi may be about to write the first line, or it is longer than any header.
    if (end === -1 || isJson(head.slice(0, end))) return undefined;
    return "its first line is damaged";
  } catch (error) {
    return messageOf(error);
  }
}

function readHead(path: string): string {
  const file = openSync(path, "r");
  try {
    const head = Buffer.alloc(headBytes);
    return head.toString("utf8", 0, readSync(file, head, 0, head.length, 0));
  } finally {
    closeSync(file);
  }
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line.replace(/^\uFEFF/, ""));
    return true;
  } catch {
    return false;
  }
}
