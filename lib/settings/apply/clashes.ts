import type { Dirent } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { basename, dirname, join, posix } from "node:path";

import { isNotFound } from "../../platform/files.ts";
import { findCollisions } from "../selection.ts";
import { listFolders } from "./target.ts";

/**
 * Of files that are to be written, those that can't be beside another one, or what is there, and
 * why. With `foldsCase`, names that differ only in upper and lower case clash.
 */
export async function findClashes(
  agentDir: string,
  paths: readonly string[],
  foldsCase: boolean,
): Promise<Map<string, string>> {
  const clashes = new Map<string, string>();
  const written = new Set(paths);
  for (const path of written) {
    const file = listFolders(path).find((folder) => written.has(folder));
    if (file !== undefined) clashes.set(path, `${file} is to become a file`);
  }
  if (!foldsCase) return clashes;
  const siblings = await listSiblings(agentDir, paths);
  for (const [other, path] of findCollisions([...siblings, ...written])) {
    if (written.has(path)) clashes.set(path, `this disk takes its name for that of ${other}`);
  }
  return clashes;
}

/** Whether the disk takes names that differ only in upper and lower case for the same. */
export async function detectCaseFolding(dir: string): Promise<boolean> {
  const name = basename(dir);
  const upper = name.toUpperCase();
  const other = join(dirname(dir), upper === name ? name.toLowerCase() : upper);
  if (other === dir) return false;
  try {
    const [own, found] = [await lstat(dir), await lstat(other)];
    return own.ino === found.ino && own.dev === found.dev;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

/** What is in the folders of files, folders with a slash at the end. */
async function listSiblings(agentDir: string, paths: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const folder of new Set(["", ...paths.flatMap(listFolders)])) {
    for (const entry of await readEntries(join(agentDir, folder))) {
      const path = posix.join(folder, entry.name);
      found.push(entry.isDirectory() ? `${path}/` : path);
    }
  }
  return found;
}

async function readEntries(dir: string): Promise<Dirent[]> {
  try {
    return await readdir(dir, { withFileTypes: true });
  } catch (error) {
    if (isNotFound(error)) return [];
    throw error;
  }
}
