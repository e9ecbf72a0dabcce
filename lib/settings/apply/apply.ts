import { realpath } from "node:fs/promises";
import { dirname, join } from "node:path";

import { must } from "../../assert.ts";
import { AppError, messageOf } from "../../errors.ts";
import { makePrivateDir } from "../../platform/files.ts";
import { backUp, backupsDir, nameBackup } from "./backup.ts";
import { checkChanges, judgeChanges } from "./check.ts";
import { detectCaseFolding } from "./clashes.ts";
import { openDisk } from "./disk.ts";
import type { Disk } from "./disk.ts";
import { finish, undo } from "./finish.ts";
import { stagedPath, writeJournal } from "./journal.ts";
import type { Journal } from "./journal.ts";
import type { Applied, ApplyPlace, FileChange } from "./place.ts";
import { cannotFinish, recoverApply } from "./recover.ts";

/**
 * Makes changes in the agent directory: all of them or none, also where the process is killed; then
 * `recoverApply` undoes or finishes them. Skipped is only what somebody changed since `before`, and
 * `settings.json` where pi does not give its lock. To be called by one process at a time.
 *
 * @throws AppError "refused" with every file that can't be written, where one can't, and "io"; what
 * is thrown says whether the next sync finishes it, else nothing has changed
 */
export async function applyChanges(
  place: ApplyPlace,
  changes: readonly FileChange[],
): Promise<Applied> {
  await recoverApply(place);
  if (changes.length === 0) return { written: [], deleted: [], skipped: [] };
  const agentDir = await makeRoot(place.agentDir);
  const root = { ...place, agentDir };
  const checked = await checkChanges(root, changes, await detectCaseFolding(agentDir));
  const { steps, folders, settled, skipped } = checked;
  const before: Applied = {
    written: settled.filter(({ after }) => after).map(({ path }) => path),
    deleted: settled.filter(({ after }) => !after).map(({ path }) => path),
    skipped,
  };
  if (steps.length === 0) return before;
  const journal = {
    phase: "staging",
    agentDir,
    backup: nameBackup(root.clock),
    folders,
    steps,
  } as const;
  const contents = new Map(changes.map(({ path, after }) => [path, after?.content]));
  const now = await makeChanges(root, journal, contents);
  return {
    ...now,
    written: [...before.written, ...now.written],
    deleted: [...before.deleted, ...now.deleted],
    skipped: [...before.skipped, ...now.skipped],
  };
}

/**
 * The changes that can't be made, by path, with the reason: what is in the way is a link, a folder,
 * or a name that the disk takes for the same. Nothing is written, but the agent directory made.
 */
export async function findRefused(
  place: ApplyPlace,
  changes: readonly FileChange[],
): Promise<Map<string, string>> {
  if (changes.length === 0) return new Map();
  const agentDir = await makeRoot(place.agentDir);
  const foldsCase = await detectCaseFolding(agentDir);
  return (await judgeChanges({ ...place, agentDir }, changes, foldsCase)).refused;
}

/** The agent directory without links, which is made where it is not there. */
async function makeRoot(path: string): Promise<string> {
  try {
    await makePrivateDir(path);
    return await realpath(path);
  } catch (error) {
    throw new AppError("io", `Could not make the folder ${path}: ${messageOf(error)}.`, {
      hint: "Check that the folder above it belongs to you.",
      cause: error,
    });
  }
}

/** Where all is staged and the journal says so, is the point of no return. */
async function makeChanges(
  place: ApplyPlace,
  journal: Journal,
  contents: ReadonlyMap<string, Uint8Array | undefined>,
): Promise<Applied> {
  const disk = openDisk(place.onStep);
  const decided: Journal = { ...journal, phase: "finishing" };
  try {
    await disk.makePrivateDir(place.stateDir);
    await writeJournal(disk, place.stateDir, journal);
    await backUpAll(place, disk, journal);
    await stage(disk, journal, contents);
    await writeJournal(disk, place.stateDir, decided);
  } catch (error) {
    await undo(place, disk, journal).catch(() => {
      // The journal is there, so the next sync does it.
    });
    throw new AppError(
      "io",
      `Could not write settings: ${messageOf(error)}. Nothing was changed.`,
      {
        hint: "Check that the disk is not full and that the folders belong to you.",
        cause: error,
      },
    );
  }
  try {
    return await finish(place, disk, decided);
  } catch (error) {
    throw cannotFinish(place, error);
  }
}

async function backUpAll(place: ApplyPlace, disk: Disk, journal: Journal): Promise<void> {
  const replaced = journal.steps.filter(({ kind }) => kind !== "mode").map(({ path }) => path);
  const to = join(backupsDir(place.stateDir), journal.backup);
  await backUp(disk, journal.agentDir, to, replaced);
}

/** Writes new contents beside their files. That of `settings.json` is made under pi's lock. */
async function stage(
  disk: Disk,
  { agentDir, folders, steps }: Journal,
  contents: ReadonlyMap<string, Uint8Array | undefined>,
): Promise<void> {
  for (const folder of folders) await disk.makeDir(join(agentDir, folder));
  const dirs = new Set(folders.map((folder) => dirname(join(agentDir, folder))));
  for (const step of steps.filter(({ kind }) => kind === "write")) {
    const path = stagedPath(agentDir, step);
    await disk.create(path, must(contents.get(step.path), "the new content"), step.mode);
    // What is new is limited by the person's umask; what is there keeps its permissions.
    if (step.before !== undefined) await disk.setMode(path, step.mode);
    dirs.add(dirname(path));
  }
  for (const dir of dirs) await disk.flushDir(dir);
}
