import { mkdir, readFile, realpath, stat } from "node:fs/promises";
import { join } from "node:path";

import type { Clock } from "../platform/clock.ts";
import { isNotFound, privateFileMode, replaceFile } from "../platform/files.ts";
import { withFileLock } from "../platform/file-lock.ts";
import { formatSettings, parseSettings } from "./settings-text.ts";
import type { PiSettings } from "./settings-text.ts";

/** What a change of pi's settings came to. */
export interface SettingsChange {
  isChanged: boolean;
  /** Where the file as it was before stands; undefined where none was made. */
  backupPath?: string;
}

/** What a change may want. */
export interface ChangeOptions {
  /** The ending of the copy that is made of the file before it changes; without it, none is made. */
  backupSuffix?: string;
}

/** pi's settings of the person: not those of a project. */
export function piSettingsPath(agentDir: string): string {
  return join(agentDir, "settings.json");
}

/**
 * Reads pi's settings; `{}` where there are none.
 *
 * @throws AppError "config" where the file is no JSON object
 */
export async function readPiSettings(agentDir: string): Promise<PiSettings> {
  const path = piSettingsPath(agentDir);
  return parseSettings(path, await readSettingsText(path));
}

/**
 * Changes pi's settings under pi's own lock. `change` gives the new settings, or undefined to leave
 * them. The file stays as it is written: the order of its fields, its indentation and permissions,
 * and where it is a symbolic link, that.
 *
 * @throws AppError "config" where the file is no JSON object: it is left as it is then; "io" where
 * another program holds the lock
 */
export async function changePiSettings(
  agentDir: string,
  clock: Clock,
  change: (settings: PiSettings) => Promise<PiSettings | undefined>,
  { backupSuffix }: ChangeOptions = {},
): Promise<SettingsChange> {
  const path = piSettingsPath(agentDir);
  await mkdir(agentDir, { recursive: true, mode: 0o700 });
  return withFileLock(path, clock, async (lock) => {
    const text = await readSettingsText(path);
    const changed = await change(parseSettings(path, text));
    if (changed === undefined) return { isChanged: false };
    const place = await findPlace(path);
    await lock.confirm();
    const backupPath = text && backupSuffix ? `${path}${backupSuffix}` : undefined;
    if (backupPath) await replaceFile(backupPath, text, place.mode);
    await replaceFile(place.path, formatSettings(changed, text), place.mode);
    return { isChanged: true, ...(backupPath && { backupPath }) };
  });
}

/** The text of a settings file; empty where there is none, which pi takes for no settings as well. */
export async function readSettingsText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (isNotFound(error)) return "";
    throw error;
  }
}

/** The file itself where the path is a link, and its permissions. */
async function findPlace(path: string): Promise<{ path: string; mode: number }> {
  try {
    const real = await realpath(path);
    return { path: real, mode: (await stat(real)).mode & 0o777 };
  } catch (error) {
    if (isNotFound(error)) return { path, mode: privateFileMode };
    throw error;
  }
}
