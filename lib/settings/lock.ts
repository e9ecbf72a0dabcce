import { randomBytes } from "node:crypto";
import { constants, copyFile, link, open, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";

import { AppError } from "../errors.ts";
import { withFileLock } from "../platform/file-lock.ts";
import type { Clock } from "../platform/clock.ts";
import { isNotFound, makePrivateDir, privateFileMode } from "../platform/files.ts";
import { isProcessAlive, processId } from "../platform/process.ts";
import { asNumber, asRecord, asString } from "../session/value.ts";

/** Who syncs settings. All is empty of a lock that can't be read. */
export interface LockHolder {
  readonly id: string;
  readonly processId: number;
  readonly host: string;
  /** What is done, such as `push`. */
  readonly what: string;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** Where the lock stands, and where we are. */
export interface LockPlace {
  /** The lock's file; its folder need not exist. */
  path: string;
  /** The name of this machine. */
  host: string;
  clock: Clock;
}

/** Somebody else syncs settings. Automatic sync lets them, without a word. */
export class LockedError extends AppError {
  override readonly name = "LockedError";
  readonly holder: LockHolder;

  constructor(path: string, holder: LockHolder, host: string) {
    super("io", describeHolder(path, holder), { hint: adviseOn(path, holder, host) });
    this.holder = holder;
  }
}

/**
 * Does `work` while no other process on this machine syncs settings. The lock of a process that has
 * ended is taken over; one of another machine, which may share the folder, never is.
 *
 * @throws LockedError where another process holds the lock
 */
export async function withSettingsLock<T>(
  place: LockPlace & { what: string },
  work: () => Promise<T>,
): Promise<T> {
  const own = await takeLock(place);
  try {
    return await work();
  } finally {
    const holder = await readLock(place.path);
    if (holder?.id === own.id) await rm(place.path, { force: true });
  }
}

/** Who holds the lock; undefined where nobody does. */
export async function readLock(path: string): Promise<LockHolder | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
  return parseHolder(text) ?? unknownHolder;
}

/**
 * Removes a lock that a process of this machine left when it ended; with `isForced`, also one of
 * another machine and one that can't be read. Returns who held it; undefined where there is none.
 *
 * @throws LockedError where the lock stays: a process that runs here keeps its own in any case
 */
export async function removeLock(
  place: LockPlace,
  { isForced }: { isForced: boolean },
): Promise<LockHolder | undefined> {
  if ((await readLock(place.path)) === undefined) return undefined;
  return withFileLock(place.path, place.clock, async (guard) => {
    const holder = await readLock(place.path);
    if (holder === undefined) return undefined;
    const isRemovable = holder.host === place.host ? hasEnded(holder, place.host) : isForced;
    if (!isRemovable) throw new LockedError(place.path, holder, place.host);
    await guard.confirm();
    await rm(place.path, { force: true });
    return holder;
  });
}

async function takeLock(place: LockPlace & { what: string }): Promise<LockHolder> {
  const { path, host, clock, what } = place;
  const startedAt = new Date(clock.now()).toISOString();
  const own = { id: randomBytes(8).toString("hex"), processId, host, what, startedAt };
  await makePrivateDir(dirname(path));
  if (await createLock(path, own)) return own;
  await findLeft(path, host);
  // Of two that find the same lock left, the second would remove the one that the first made.
  return withFileLock(path, clock, async (guard) => {
    if (await findLeft(path, host)) {
      await guard.confirm();
      await rm(path, { force: true });
    }
    if (await createLock(path, own)) return own;
    throw new LockedError(path, (await readLock(path)) ?? unknownHolder, host);
  });
}

/** Whether there is a lock that a process left when it ended. Throws where one holds it. */
async function findLeft(path: string, host: string): Promise<boolean> {
  const holder = await readLock(path);
  if (holder && !hasEnded(holder, host)) throw new LockedError(path, holder, host);
  return holder !== undefined;
}

function hasEnded(holder: LockHolder, host: string): boolean {
  return holder.host === host && !isProcessAlive(holder.processId);
}

/** Creates the lock with its content at once, so that nobody reads a part of it; false where there is one. */
async function createLock(path: string, holder: LockHolder): Promise<boolean> {
  const temporary = `${path}.${holder.id}.tmp`;
  try {
    const file = await open(temporary, "wx", privateFileMode);
    try {
      await file.writeFile(JSON.stringify(holder));
      await file.sync();
    } finally {
      await file.close();
    }
    await placeFile(temporary, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Gives a file its name where nothing has it. Not every system has hard links: Android does not. */
async function placeFile(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (codeOf(error) === "EEXIST") throw error;
    await copyFile(from, to, constants.COPYFILE_EXCL);
  }
}

const unknownHolder: LockHolder = { id: "", processId: 0, host: "", what: "", startedAt: "" };

function parseHolder(text: string): LockHolder | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const record = asRecord(json);
  const [id, host] = [asString(record?.["id"]), asString(record?.["host"])];
  const [what, startedAt] = [asString(record?.["what"]), asString(record?.["startedAt"])];
  const holder = asNumber(record?.["processId"]);
  if (!id || !host || what === undefined || startedAt === undefined) return undefined;
  if (holder === undefined || !Number.isInteger(holder) || holder < 1) return undefined;
  return { id, processId: holder, host, what, startedAt };
}

function describeHolder(path: string, holder: LockHolder): string {
  if (holder.id === "") return `Somebody else syncs settings, but ${path} does not say who.`;
  const { what, host, startedAt } = holder;
  return `Settings are being synced by process ${holder.processId} on ${host}: ${what}, since ${startedAt}.`;
}

function adviseOn(path: string, holder: LockHolder, host: string): string {
  return holder.host === host
    ? `Wait until it ends. If process ${holder.processId} is another program by now, delete ${path}.`
    : "If nobody syncs there any more, remove the lock with 'unlock --stale'.";
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
