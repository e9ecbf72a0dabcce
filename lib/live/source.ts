import { appendFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { isNotFound, makePrivateDir, privateFileMode } from "../platform/files.ts";
import { describeSessionFile } from "../session/discover.ts";
import type { DiscoverOptions, SessionFile } from "../session/discover.ts";

/** A session that goes on, as the file that it is sent from. */
export interface LiveSource {
  /** Where the file is, or will be. */
  readonly path: string;
  /** The file is ours: pi keeps none of the session. */
  readonly isSpooled: boolean;
  /** Remembers what there is of the session, for the next look. Costs next to nothing. */
  note(): void;
  /** The file as it is now; undefined while there is none. */
  look(): Promise<SessionFile | undefined>;
  /** Removes the file, if it is ours. */
  discard(): Promise<void>;
}

/** A session that pi writes to a file. */
export function fileSource(path: string, where: DiscoverOptions): LiveSource {
  let known: SessionFile | undefined;
  return {
    path,
    isSpooled: false,
    note() {},
    async look() {
      // Where it stands is found out once; links of its path do not change meanwhile.
      known = known ? await lookAgain(known) : await describeSessionFile(path, where);
      return known;
    },
    discard: () => Promise.resolve(),
  };
}

async function lookAgain(file: SessionFile): Promise<SessionFile | undefined> {
  try {
    const { size, mtimeMs } = await stat(file.path);
    return { ...file, size, mtimeMs };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** A session that pi keeps in memory alone, as with `--no-session`. */
export interface SessionMemory {
  /** The id of the session that pi holds there; that of a fork, once that has taken its place. */
  id: () => string;
  /** The header as pi would write it. */
  header: () => unknown;
  /** All entries, in the order in which they came; it only grows. */
  entries: () => readonly unknown[];
}

/**
 * Writes a session of which pi keeps no file to one of ours, as pi would, so that it is sent by the
 * same engine and outlasts an outage. It is removed once it is delivered, and written anew when
 * something is added after that.
 */
export function spoolSource(dir: string, session: SessionMemory): LiveSource {
  const id = session.id();
  const header = session.header();
  const path = join(dir, `${id.replaceAll(/[^\w.-]/g, "-")}.jsonl`);
  /** The entries when they were looked at last. */
  let known: readonly unknown[] = [];
  let written = 0;
  let file: SessionFile | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  /** Two who look at once must not write the same entries. */
  const inTurn = <T>(action: () => Promise<T>): Promise<T> => {
    const result = turn.then(action);
    turn = result.catch(() => {});
    return result;
  };

  const note = (): void => {
    if (session.id() === id) known = [...session.entries()];
  };

  const write = async (entries: readonly unknown[]): Promise<SessionFile> => {
    // The session that comes next may have delivered and removed it already.
    const isThere = file !== undefined && (await sizeOf(path)) === file.size;
    if (!isThere) {
      await makePrivateDir(dir);
      // In place of what the same session may have left there before a reload.
      const text = toLines([header, ...entries]);
      await writeFile(path, text, { mode: privateFileMode });
    } else {
      await appendFile(path, toLines(entries.slice(written)));
    }
    const { size, mtimeMs } = await stat(path);
    return { path, size, mtimeMs, nested: false, root: dir };
  };
  return {
    path,
    isSpooled: true,
    note,
    look: () =>
      inTurn(async () => {
        note();
        const entries = known;
        if (entries.length === written) return file;
        try {
          file = await write(entries);
        } catch (error) {
          // Part of it may stand there, so all of it is written again.
          file = undefined;
          throw error;
        }
        written = entries.length;
        return file;
      }),
    discard: () =>
      inTurn(async () => {
        file = undefined;
        await rm(path, { force: true });
      }),
  };
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function toLines(entries: readonly unknown[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
}
