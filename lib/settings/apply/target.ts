import type { Stats } from "node:fs";
import { lstat } from "node:fs/promises";
import { join } from "node:path";

import { isNotFound } from "../../platform/files.ts";
import { judgeForm, judgeTarget } from "../selection.ts";

/** The place of a file in the agent directory. */
export interface Target {
  /** Why nothing can be written there, for a person; undefined where it can. */
  obstacle?: string;
  /** The permissions of the file that is there. */
  mode?: number;
  /** Folders above it that are not there, parents first. */
  missing: string[];
}

/**
 * Why a path is never written to, in a short phrase, whoever asks for it: by its name alone. Copies
 * of conflicts, which are not synced, are written.
 */
export function judgeApplied(path: string): string | undefined {
  return judgeForm(path) ?? judgeTarget(path.replace(/\.conflict-[^/]*$/, ""), "file");
}

/** Looks at where a file stands, and at all folders above it, without following any link. */
export async function inspectTarget(agentDir: string, path: string): Promise<Target> {
  const missing: string[] = [];
  for (const folder of listFolders(path)) {
    const stats = missing.length > 0 ? undefined : await lstatIfThere(join(agentDir, folder));
    if (stats === undefined) missing.push(folder);
    else if (stats.isSymbolicLink()) return { obstacle: `${folder} is a symbolic link`, missing };
    else if (!stats.isDirectory()) return { obstacle: `${folder} is not a folder`, missing };
  }
  const stats = missing.length > 0 ? undefined : await lstatIfThere(join(agentDir, path));
  if (stats === undefined) return { missing };
  if (stats.isSymbolicLink()) return { obstacle: "it is a symbolic link", missing };
  if (stats.isDirectory()) return { obstacle: "it is a folder", missing };
  if (!stats.isFile()) return { obstacle: "it is not a file", missing };
  return { mode: stats.mode & 0o777, missing };
}

/** The folders above a file, parents first, without the agent directory. */
export function listFolders(path: string): string[] {
  const names = path.split("/").slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join("/"));
}

async function lstatIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
