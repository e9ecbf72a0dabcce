import { mkdir, rmdir, stat } from "node:fs/promises";

import { AppError } from "../errors.ts";
import type { Clock } from "./clock.ts";
import { isNotFound } from "./files.ts";

/** A lock that was taken. */
export interface HeldLock {
  /**
   * To be called right before something is changed.
   *
   * @throws AppError "io" where somebody took the lock over, as while the machine slept
   */
  confirm(): Promise<void>;
}

/** pi and `proper-lockfile`, which it locks with, take over a lock that is older. */
const staleMs = 10_000;
/** It is held for milliseconds; one that nobody holds any more is stale within this time. */
const waitMsMax = staleMs + 2000;
const lookEveryMs = 25;

/**
 * Does `work` while no other program of ours, and no pi, reads or writes the file: under the same lock
 * that pi takes, a folder `<path>.lock`, which can be made by one program only. The work has to end
 * within seconds.
 *
 * @throws AppError "io" where somebody else holds the lock
 */
export async function withFileLock<T>(
  path: string,
  clock: Clock,
  work: (lock: HeldLock) => Promise<T>,
): Promise<T> {
  const lockPath = `${path}.lock`;
  await takeLock(lockPath, clock);
  const takenAt = await readTime(lockPath);
  const isOurs = async (): Promise<boolean> => (await readTime(lockPath)) === takenAt;
  try {
    return await work({
      async confirm() {
        if (!(await isOurs())) throw lockError(path, "was taken by another program");
      },
    });
  } finally {
    if (await isOurs()) await rmdir(lockPath);
  }
}

async function takeLock(lockPath: string, clock: Clock): Promise<void> {
  const lastMs = clock.now() + waitMsMax;
  while (!(await makeLock(lockPath))) {
    const heldSince = await readTime(lockPath);
    if (heldSince !== undefined && heldSince < clock.now() - staleMs) await dropLock(lockPath);
    else if (clock.now() < lastMs) await clock.sleep(lookEveryMs);
    else throw lockError(lockPath.slice(0, -".lock".length), "is in use by another program");
  }
}

async function makeLock(lockPath: string): Promise<boolean> {
  try {
    await mkdir(lockPath);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/** When a lock was taken or confirmed last, in Unix milliseconds; undefined where there is none. */
async function readTime(lockPath: string): Promise<number | undefined> {
  try {
    return (await stat(lockPath)).mtimeMs;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function dropLock(lockPath: string): Promise<void> {
  try {
    await rmdir(lockPath);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

function lockError(path: string, what: string): AppError {
  return new AppError("io", `${path} ${what}, so it was not changed.`, {
    hint: "Try again in a moment: pi, for one, holds it while it starts and ends.",
  });
}
