import { chmod, mkdir, open, rename, rm, rmdir } from "node:fs/promises";

import { isNotFound, makePrivateDir } from "../../platform/files.ts";

/** All ways in which applying changes the disk. What is there, or gone, already is no error. */
export interface Disk {
  makeDir(path: string): Promise<void>;
  /** A folder that its owner alone can enter, and its parents. */
  makePrivateDir(path: string): Promise<void>;
  /** Writes a file that is not there, to the disk itself. `mode` is limited by the umask. */
  create(path: string, content: string | Uint8Array, mode: number): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  setMode(path: string, mode: number): Promise<void>;
  remove(path: string): Promise<void>;
  /** Removes a folder with all that is in it. */
  removeTree(path: string): Promise<void>;
  /** Removes a folder if nothing is in it. Returns whether it is gone. */
  removeEmptyDir(path: string): Promise<boolean>;
  /** Makes names that came and went in a folder last through a power cut. */
  flushDir(path: string): Promise<void>;
}

/** The disk, with `onStep` called before everything that changes it. */
export function openDisk(onStep: (step: string) => void = () => {}): Disk {
  return {
    async makeDir(path) {
      onStep(`make folder ${path}`);
      await tolerate(mkdir(path), "EEXIST");
    },
    async makePrivateDir(path) {
      onStep(`make private folder ${path}`);
      await makePrivateDir(path);
    },
    async create(path, content, mode) {
      onStep(`create ${path}`);
      const file = await open(path, "wx", mode);
      try {
        onStep(`fill ${path}`);
        await file.writeFile(content);
        await file.sync();
      } finally {
        await file.close();
      }
    },
    async rename(from, to) {
      onStep(`rename ${from} to ${to}`);
      await rename(from, to);
    },
    async setMode(path, mode) {
      onStep(`set mode of ${path}`);
      await chmod(path, mode);
    },
    async remove(path) {
      onStep(`remove ${path}`);
      await rm(path, { force: true });
    },
    async removeTree(path) {
      onStep(`remove tree ${path}`);
      await rm(path, { recursive: true, force: true });
    },
    async removeEmptyDir(path) {
      onStep(`remove folder ${path}`);
      return tolerate(rmdir(path).catch(acceptAbsence), "ENOTEMPTY", "EEXIST", "ENOTDIR");
    },
    async flushDir(path) {
      onStep(`flush ${path}`);
      await flush(path);
    },
  };
}

/** Windows cannot, and does not need to, flush a folder. */
async function flush(path: string): Promise<void> {
  try {
    const folder = await open(path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch {
    // Not every file system lets a folder be flushed.
  }
}

function acceptAbsence(error: unknown): void {
  if (!isNotFound(error)) throw error;
}

/** Whether it was done; false where it failed in one of the ways that are named. */
async function tolerate(work: Promise<void>, ...codes: readonly string[]): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (typeof code === "string" && codes.includes(code)) return false;
    throw error;
  }
}
