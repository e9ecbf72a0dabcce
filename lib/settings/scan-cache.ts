import type { Stats } from "node:fs";
import { readFile } from "node:fs/promises";

import { writePrivateFile } from "../platform/files.ts";
import type { FileState } from "./file-state.ts";
import { hasExecutableBit } from "./local-file.ts";

/** What files held when they were last read, so that those that have not changed are not read again. */
export interface ScanCache {
  /** What a file holds; undefined where it may have changed. */
  find(path: string, stats: Stats): FileState | undefined;
  /** Remembers a file's content. `readAtMs` is the time before it was read. */
  keep(path: string, stats: Stats, sha256: string, readAtMs: number): void;
  /** Writes what was found and kept, and forgets the rest. One that can't be written costs time only. */
  save(): Promise<void>;
}

const version = 1;

/** Path; size, time of content and of the rest, inode and mode; SHA-256. */
type Entry = readonly [string, number, number, number, number, number, string];

/**
 * A file that changed so shortly before it was read can change again and look the same, where the
 * disk counts time coarsely. It is read again, as Git does.
 */
const settledMs = 2000;

/** Opens the cache in a file; empty where that is missing or damaged. Without a path, none is kept. */
export async function openScanCache(cachePath: string | undefined): Promise<ScanCache> {
  const known = cachePath === undefined ? new Map<string, Entry>() : await readEntries(cachePath);
  const current = new Map<string, Entry>();
  let isChanged = false;
  return {
    find(path, stats) {
      const entry = known.get(path);
      if (entry === undefined || !isSameFile(entry, stats)) return undefined;
      current.set(path, entry);
      const isExecutable = hasExecutableBit(stats.mode);
      return { sha256: entry[6], bytes: stats.size, isExecutable };
    },
    keep(path, stats, sha256, readAtMs) {
      if (Math.max(stats.mtimeMs, stats.ctimeMs) > readAtMs - settledMs) return;
      isChanged = true;
      const { size, mtimeMs, ctimeMs, ino, mode } = stats;
      current.set(path, [path, size, mtimeMs, ctimeMs, ino, mode, sha256]);
    },
    async save() {
      if (cachePath === undefined || (!isChanged && current.size === known.size)) return;
      const text = JSON.stringify({ version, files: [...current.values()] });
      await writePrivateFile(cachePath, text).catch(() => undefined);
    },
  };
}

function isSameFile([, size, mtimeMs, ctimeMs, ino, mode]: Entry, stats: Stats): boolean {
  return (
    stats.size === size &&
    stats.mtimeMs === mtimeMs &&
    stats.ctimeMs === ctimeMs &&
    stats.ino === ino &&
    stats.mode === mode
  );
}

async function readEntries(cachePath: string): Promise<Map<string, Entry>> {
  try {
    const { version: written, files } = JSON.parse(await readFile(cachePath, "utf8"));
    if (written !== version || !files.every(isEntry)) return new Map();
    return new Map(files.map((entry: Entry) => [entry[0], entry]));
  } catch {
    return new Map();
  }
}

/** Numbers that are none match no file. */
function isEntry(value: unknown): value is Entry {
  return (
    Array.isArray(value) &&
    typeof value[0] === "string" &&
    typeof value[6] === "string" &&
    /^[0-9a-f]{64}$/.test(value[6])
  );
}
