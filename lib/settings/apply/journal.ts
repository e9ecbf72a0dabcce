import { readFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";

import { AppError, messageOf } from "../../errors.ts";
import { isNotFound, privateFileMode } from "../../platform/files.ts";
import { asArray, asNumber, asRecord, asString } from "../../session/value.ts";
import type { FileState } from "../file-state.ts";
import { judgeTarget, temporaryPath } from "../selection.ts";
import { backupNamePattern } from "./backup.ts";
import type { Disk } from "./disk.ts";
import { judgeApplied } from "./target.ts";

/** One change of the agent directory. */
export interface Step {
  readonly kind: "write" | "mode" | "settings" | "delete";
  readonly path: string;
  /** In hex: marks the temporary file beside it that the new content waits in. */
  readonly random: string;
  readonly before: FileState | undefined;
  readonly after: FileState | undefined;
  /** The permissions that the file gets. */
  readonly mode: number;
  /** Of `settings.json`: the new shared part in base64; undefined where there is to be none. */
  readonly shared?: string | undefined;
}

/** What applying is about to do, so that a start after a crash can undo or finish it. */
export interface Journal {
  /** `staging`: nothing has changed yet, and all is undone. `finishing`: all is finished. */
  readonly phase: "staging" | "finishing";
  readonly agentDir: string;
  /** The name of the backup's folder. */
  readonly backup: string;
  /** Folders that are made, relative to the agent directory, parents first. */
  readonly folders: readonly string[];
  readonly steps: readonly Step[];
}

const version = 1;

/** Where the journal stands. */
export function journalPath(stateDir: string): string {
  return join(stateDir, "apply.json");
}

/** The temporary file of a step. */
export function stagedPath(agentDir: string, { path, random }: Step): string {
  return join(agentDir, temporaryPath(path, random));
}

/** Writes the journal as a whole; when this returns, it is on the disk. */
export async function writeJournal(disk: Disk, stateDir: string, journal: Journal): Promise<void> {
  const path = journalPath(stateDir);
  const temporary = `${path}.tmp`;
  await disk.remove(temporary);
  await disk.create(temporary, JSON.stringify({ version, ...journal }), privateFileMode);
  await disk.rename(temporary, path);
  await disk.flushDir(stateDir);
}

/** Removes the journal: what it says is done, or undone. */
export async function removeJournal(disk: Disk, stateDir: string): Promise<void> {
  const path = journalPath(stateDir);
  await disk.remove(`${path}.tmp`);
  await disk.remove(path);
  await disk.flushDir(stateDir);
}

/**
 * The journal that a crash left; undefined where there is none.
 *
 * @throws AppError "io" where it can't be read
 */
export async function readJournal(stateDir: string): Promise<Journal | undefined> {
  const path = journalPath(stateDir);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw brokenJournal(path, messageOf(error));
  }
  const journal = parseJournal(text);
  if (journal === undefined) throw brokenJournal(path, "it is not what pi-opensync writes");
  return journal;
}

/** The journal holds settings, so what the parser says of it, which may quote it, is left out. */
function brokenJournal(path: string, why: string): AppError {
  return new AppError(
    "io",
    `Settings were being written when pi-opensync was ended, and ${path}, which says how far that came, can't be read: ${why}.`,
    {
      hint: "Restore the file, or update pi-opensync. Or move it away and look at 'diff' before the next sync: the new contents may stand beside their files, as .*.pi-opensync-*.tmp, and the former ones in the folder 'backups' beside it.",
    },
  );
}

function parseJournal(text: string): Journal | undefined {
  let record: Record<string, unknown> | undefined;
  try {
    record = asRecord(JSON.parse(text));
  } catch {
    return undefined;
  }
  const [phase, agentDir] = [record?.["phase"], asString(record?.["agentDir"])];
  const backup = asString(record?.["backup"]);
  const steps = asArray(record?.["steps"]).map(parseStep);
  const folders = asArray(record?.["folders"]).map(parseFolder);
  if (record?.["version"] !== version || (phase !== "staging" && phase !== "finishing"))
    return undefined;
  if (!agentDir || !isAbsolute(agentDir) || !backup || !backupNamePattern.test(backup))
    return undefined;
  return areAllKnown(steps) && areAllKnown(folders)
    ? { phase, agentDir, backup, folders, steps }
    : undefined;
}

function areAllKnown<T>(values: readonly (T | undefined)[]): values is readonly T[] {
  return values.every((value) => value !== undefined);
}

function parseFolder(value: unknown): string | undefined {
  const path = asString(value);
  return path !== undefined && judgeTarget(path, "folder") === undefined ? path : undefined;
}

function parseStep(value: unknown): Step | undefined {
  const record = asRecord(value);
  const [path, random] = [asString(record?.["path"]), asString(record?.["random"])];
  const [before, after] = [parseState(record?.["before"]), parseState(record?.["after"])];
  const [kind, shared] = [record?.["kind"], asString(record?.["shared"])];
  const mode = asNumber(record?.["mode"]);
  if (kind !== "write" && kind !== "mode" && kind !== "settings" && kind !== "delete")
    return undefined;
  if (path === undefined || judgeApplied(path) !== undefined) return undefined;
  if (random === undefined || !/^[0-9a-f]{8,32}$/.test(random)) return undefined;
  if (mode === undefined || !Number.isInteger(mode) || mode < 0 || mode > 0o777) return undefined;
  if (before === "invalid" || after === "invalid") return undefined;
  return { kind, path, random, before, after, mode, shared };
}

function parseState(value: unknown): FileState | undefined | "invalid" {
  if (value === undefined) return undefined;
  const record = asRecord(value);
  const [sha256, bytes] = [asString(record?.["sha256"]), asNumber(record?.["bytes"])];
  const isExecutable = record?.["isExecutable"];
  if (sha256 === undefined || bytes === undefined) return "invalid";
  return typeof isExecutable === "boolean" ? { sha256, bytes, isExecutable } : "invalid";
}
