import { statfs } from "node:fs/promises";
import { dirname } from "node:path";

import type { Paths } from "../../platform/paths.ts";
import { statOf } from "./stat.ts";

/** What is left of the disks that we write to. */
export type DiskFacts = { path: string; freeBytes: number; freeFiles: number }[];

/** Asks the system how much room there is for our files, each disk once. */
export async function lookAtDisk({ stateDir, dataDir }: Paths): Promise<DiskFacts> {
  const disks = new Map<number, DiskFacts[number]>();
  for (const dir of [stateDir, dataDir]) {
    const { path, device } = await findNearest(dir);
    if (disks.has(device)) continue;
    const { bavail, bsize, ffree, files } = await statfs(path);
    // Some file systems count no files.
    const freeFiles = files === 0 ? Number.MAX_SAFE_INTEGER : ffree;
    disks.set(device, { path, freeBytes: bavail * bsize, freeFiles });
  }
  return [...disks.values()];
}

/** The folder, or the one that it would be made in. */
async function findNearest(dir: string): Promise<{ path: string; device: number }> {
  const stats = await statOf(dir);
  if (stats) return { path: dir, device: stats.dev };
  return dir === dirname(dir) ? { path: dir, device: 0 } : findNearest(dirname(dir));
}
