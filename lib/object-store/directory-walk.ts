import type { Dirent } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

import { checkRoot, isMissing, temporaryName } from "./directory-file.ts";
import { fromFileName, toFileName } from "./directory-name.ts";

const leftoverAfterMs = 24 * 60 * 60 * 1000;

/** The keys of all files in the folders that a prefix leads to. Removes what broken writes left there. */
export async function walkObjects(
  root: string,
  prefix: string,
  nowMs: number,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const start = prefix.slice(0, prefix.lastIndexOf("/") + 1);
  const keys: string[] = [];
  const waiting = [start];
  for (let parent = waiting.pop(); parent !== undefined; parent = waiting.pop()) {
    signal?.throwIfAborted();
    const dir = join(root, ...parent.split("/").slice(0, -1).map(toFileName));
    for (const entry of await readEntries(root, dir)) {
      if (temporaryName.test(entry.name)) await removeLeftover(join(dir, entry.name), nowMs);
      const name = fromFileName(entry.name);
      if (name === undefined) continue;
      if (entry.isFile()) keys.push(`${parent}${name}`);
      else if (entry.isDirectory()) waiting.push(`${parent}${name}/`);
    }
  }
  return keys;
}

async function readEntries(root: string, dir: string): Promise<Dirent[]> {
  try {
    return await readdir(dir, { withFileTypes: true });
  } catch (error) {
    if (!isMissing(error)) throw error;
    await checkRoot(root);
    return [];
  }
}

/** Another machine may still be writing it, over a slow line. */
async function removeLeftover(path: string, nowMs: number): Promise<void> {
  try {
    const { mtimeMs } = await stat(path);
    if (nowMs - mtimeMs > leftoverAfterMs) await rm(path, { force: true });
  } catch {
    // It is gone, or the next list takes it.
  }
}
