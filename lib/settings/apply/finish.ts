import { readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

import { isNotFound } from "../../platform/files.ts";
import { hashContent } from "../hash.ts";
import { temporaryPath } from "../selection.ts";
import { backupsDir, pruneBackups } from "./backup.ts";
import { isSame, readState } from "./state.ts";
import type { Disk } from "./disk.ts";
import { removeJournal, stagedPath } from "./journal.ts";
import type { Journal, Step } from "./journal.ts";
import type { Applied, ApplyPlace } from "./place.ts";
import { writeSettings } from "./settings-file.ts";
import { inspectTarget, listFolders } from "./target.ts";

/**
 * Makes all changes of a journal in which everything is staged. Steps that are done already, before
 * a crash, are found as done.
 */
export async function finish(place: ApplyPlace, disk: Disk, journal: Journal): Promise<Applied> {
  const { agentDir, folders, steps } = journal;
  const backupDir = join(backupsDir(place.stateDir), journal.backup);
  const work = { place: { ...place, agentDir }, disk, backupDir };
  const applied: Applied = { written: [], deleted: [], skipped: [] };
  for (const step of steps) {
    const reason = await finishStep(work, step);
    if (reason !== undefined) applied.skipped.push({ path: step.path, reason });
    else (step.after === undefined ? applied.deleted : applied.written).push(step.path);
  }
  // Of files that were skipped, folders may be left.
  for (const folder of folders.toReversed()) await disk.removeEmptyDir(join(agentDir, folder));
  for (const dir of new Set(steps.map(({ path }) => dirname(join(agentDir, path))))) {
    await disk.flushDir(dir);
  }
  await removeJournal(disk, place.stateDir);
  await pruneBackups(disk, place.stateDir, place.clock).catch(() => {
    // All is done; the next time prunes them.
  });
  return (await isThere(backupDir)) ? { ...applied, backupDir } : applied;
}

/** Removes what was staged, as if nothing had been begun. */
export async function undo(place: ApplyPlace, disk: Disk, journal: Journal): Promise<void> {
  const { agentDir, folders, steps, backup } = journal;
  for (const step of steps) await removeStaged(disk, agentDir, step);
  for (const folder of folders.toReversed()) await disk.removeEmptyDir(join(agentDir, folder));
  await disk.removeTree(join(backupsDir(place.stateDir), backup));
  await removeJournal(disk, place.stateDir);
}

interface Work {
  place: ApplyPlace;
  disk: Disk;
  backupDir: string;
}

/** Makes one change. Returns why the file was left as it is, if it was. */
async function finishStep(work: Work, step: Step): Promise<string | undefined> {
  const { place, disk } = work;
  const { obstacle } = await inspectTarget(place.agentDir, step.path);
  if (obstacle !== undefined) return putAside(work, step, obstacle);
  if (step.kind === "settings") return writeSettings(place, disk, step);
  // Before the last look at the file: the time from there to its change is to be short.
  const isReady = step.kind !== "write" || (await readStaged(place.agentDir, step)) !== undefined;
  const current = await readState(place, step.path);
  if (typeof current === "string") return putAside(work, step, current);
  if (isSame(place, step.path, current, step.after)) return tidyUp(work, step);
  if (!isSame(place, step.path, current, step.before)) {
    return putAside(work, step, "changed meanwhile");
  }
  if (!isReady) return putAside(work, step, "its new content was removed meanwhile");
  const path = join(place.agentDir, step.path);
  if (step.kind === "write") await disk.rename(stagedPath(place.agentDir, step), path);
  else if (step.kind === "mode") await disk.setMode(path, step.mode);
  else await disk.remove(path);
  return tidyUp(work, step);
}

/** Removes what a change leaves: folders that are empty by it, and a temporary file. */
async function tidyUp({ place, disk }: Work, step: Step): Promise<undefined> {
  if (step.kind === "write") await removeStaged(disk, place.agentDir, step);
  if (step.kind !== "delete") return undefined;
  for (const folder of listFolders(step.path).slice(1).reverse()) {
    if (!(await disk.removeEmptyDir(join(place.agentDir, folder)))) break;
  }
  return undefined;
}

/** Moves the content that a file does not get to the backup. */
async function putAside(work: Work, step: Step, reason: string): Promise<string> {
  const { place, disk, backupDir } = work;
  const content = step.kind === "write" ? await readStaged(place.agentDir, step) : undefined;
  if (content !== undefined) {
    const path = join(backupDir, notWrittenDir, step.path);
    await disk.makePrivateDir(dirname(path));
    await disk.remove(path);
    await disk.create(path, content, 0o600);
  }
  await removeStaged(disk, place.agentDir, step);
  return reason;
}

/** In a backup, holds what was not written because the file had changed; no synced path begins so. */
const notWrittenDir = ".not-written";

/** The staged content; undefined where it is not there as it was written. */
async function readStaged(agentDir: string, step: Step): Promise<Uint8Array | undefined> {
  if (!(await isStaged(agentDir, step))) return undefined;
  const content = await readFile(stagedPath(agentDir, step));
  return hashContent(content) === step.after?.sha256 ? content : undefined;
}

async function removeStaged(disk: Disk, agentDir: string, step: Step): Promise<void> {
  if (await isStaged(agentDir, step)) await disk.remove(stagedPath(agentDir, step));
}

/** Whether there is a staged file, in folders that are no links. */
async function isStaged(agentDir: string, { path, random }: Step): Promise<boolean> {
  return (await inspectTarget(agentDir, temporaryPath(path, random))).mode !== undefined;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}
