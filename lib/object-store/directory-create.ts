import type { link } from "node:fs/promises";
import { lstat, rename } from "node:fs/promises";
import { dirname, join } from "node:path";

import { AppError } from "../errors.ts";
import { withFileLock } from "../platform/file-lock.ts";
import type { Clock } from "../platform/clock.ts";
import { isNotFound } from "../platform/files.ts";
import { codeOf, readObject } from "./directory-file.ts";
import { isSameBody } from "./object-key.ts";
import type { Creation } from "./object-store.ts";

/** Nothing that creation is used for is larger. */
const existingBytesMax = 16 * 1024 * 1024;

/** A file that is written and not yet in its place. */
export interface Creating {
  key: string;
  body: Uint8Array;
  temporary: string;
  target: string;
}

/** A folder with objects, and what it needs. */
export interface Directory {
  path: string;
  clock: Clock;
  linkFile: typeof link;
}

/** Brings a file to its place, where there is none yet. */
export async function createFile(directory: Directory, creating: Creating): Promise<Creation> {
  const { temporary, target } = creating;
  try {
    await directory.linkFile(temporary, target);
    return { isCreated: true };
  } catch (error) {
    const code = codeOf(error) ?? "";
    if (code === "EEXIST") return lookUp(directory, creating);
    if (!noLinks.has(code)) throw error;
    return createLocked(directory, creating);
  }
}

/** What FAT and some network drives say to a second name for a file. */
const noLinks = new Set(["EPERM", "ENOTSUP", "ENOSYS", "EOPNOTSUPP"]);

/** Where there are no links, a lock keeps everybody else from creating in the same folder. */
function createLocked(directory: Directory, creating: Creating): Promise<Creation> {
  const { temporary, target } = creating;
  return withFileLock(join(dirname(target), ".create"), directory.clock, async (lock) => {
    if (await exists(target)) return lookUp(directory, creating);
    await lock.confirm();
    await rename(temporary, target);
    return { isCreated: true };
  });
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

/** Over a network, a link may be reported as failed that was made: the bytes say whose it is. */
async function lookUp({ path }: Directory, { key, body }: Creating): Promise<Creation> {
  const bytesMax = Math.max(existingBytesMax, body.byteLength);
  const existing = await readObject(path, key, bytesMax);
  if (existing === undefined) {
    throw new AppError("io", `${key} in ${path} went away while it was looked at.`, {
      hint: "Try again.",
    });
  }
  return isSameBody(existing, body) ? { isCreated: true } : { isCreated: false, existing };
}
