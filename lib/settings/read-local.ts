import { realpathSync, statSync } from "node:fs";
import { setImmediate } from "node:timers/promises";

import { AppError, messageOf } from "../errors.ts";
import { isNotFound } from "../platform/files.ts";
import type { FileState } from "./file-state.ts";
import { hashContent } from "./hash.ts";
import { hasExecutableBit, isLeftOut, locate, readWhole } from "./local-file.ts";
import type { LocalFile, Reason } from "./local-file.ts";
import { judgeForm } from "./selection.ts";
import { shareSettings } from "./shared-settings.ts";

/** The one file of which only a part is synced. */
export const settingsFile = "settings.json";

/** A file of the agent directory, as it is synced. */
export interface SyncedFile {
  /** Of `settings.json`, its shared part. */
  readonly content: Uint8Array;
  readonly state: FileState;
}

/**
 * What a scan would say of one file now, with its content; undefined where there is none. The path
 * is one that `judgePath` lets pass. `localKeys` are those of `settings.json` that stay here.
 *
 * @throws AppError "refused" where a scan would leave the file out, though it is there; "io" where
 * the agent directory can't be read
 */
export async function readLocalFile(
  agentDir: string,
  path: string,
  localKeys: readonly string[],
): Promise<SyncedFile | undefined> {
  const root = findRoot(agentDir);
  if (root === undefined) return undefined;
  const form = judgeForm(path);
  const found = form === undefined ? locate(root, path) : { reason: form };
  const file = found && (isLeftOut(found) ? found : await readWhole(found.place, setImmediate));
  const synced = file && (isLeftOut(file) ? file : toSynced(path, file, localKeys));
  if (synced === undefined || !isLeftOut(synced)) return synced;
  throw new AppError("refused", `${path} can't be synced: ${synced.reason}.`, {
    hint: "Change that, or exclude the file from settings sync.",
  });
}

/** The agent directory without links; undefined where there is none. */
export function findRoot(agentDir: string): string | undefined {
  try {
    const root = realpathSync(agentDir);
    if (statSync(root).isDirectory()) return root;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw new AppError("io", `Could not read ${agentDir}: ${messageOf(error)}.`, {
      hint: "Check that the folder belongs to you.",
      cause: error,
    });
  }
  throw new AppError("io", `${agentDir} is not a folder.`);
}

/** A file as it is synced; undefined for a `settings.json` of which nothing is. */
export function toSynced(
  path: string,
  { content, stats }: LocalFile,
  localKeys: readonly string[],
): SyncedFile | Reason | undefined {
  try {
    const shared =
      path === settingsFile ? shareSettings(new TextDecoder().decode(content), localKeys) : content;
    if (shared === undefined) return undefined;
    // Of settings, the content alone is shared: their permissions are this machine's.
    const isExecutable = path !== settingsFile && hasExecutableBit(stats.mode);
    return {
      content: shared,
      state: { sha256: hashContent(shared), bytes: shared.length, isExecutable },
    };
  } catch (error) {
    if (error instanceof AppError) return { reason: error.message.replace(/\.$/, "") };
    throw error;
  }
}
