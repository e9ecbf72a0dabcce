import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { AppError } from "../errors.ts";
import type { CreateMode } from "../object-store/object-store.ts";
import { isNotFound, writePrivateFile } from "../platform/files.ts";
import { asArray, asRecord, asString } from "../session/value.ts";
import type { SettingsContext } from "./context.ts";
import { isSameState } from "./file-state.ts";
import type { FileTable, RemoteFile } from "./file-state.ts";
import { decodeFiles, encodeFiles } from "./remote/commit.ts";
import { decodeRemoteState, encodeRemoteState } from "./remote/state.ts";
import type { RemoteState } from "./remote/state.ts";

/** What this machine remembers of a storage. Lost, it costs a first sync, and nothing else. */
export interface SyncState {
  /** For each file, what both sides agreed on last. */
  readonly base: FileTable<RemoteFile> | undefined;
  /** The storage as it was seen last. */
  readonly remote: RemoteState | undefined;
  /** How the storage creates; undefined before it was tried. */
  readonly createMode: CreateMode | undefined;
  /** Conflicts that were copied beside their file, and of which version, by path. */
  readonly copies: ReadonlyMap<string, ConflictCopy>;
}

/** A remote version that was put beside the file that it conflicts with. */
export interface ConflictCopy {
  /** Its path. */
  readonly path: string;
  readonly sha256: string;
}

const version = 1;

const nothing: SyncState = {
  base: undefined,
  remote: undefined,
  createMode: undefined,
  copies: new Map(),
};

/** Reads what this machine remembers; nothing, where there is no such file or it can't be understood. */
export async function readState(stateDir: string): Promise<SyncState> {
  try {
    return decode(await readRecord(stateDir));
  } catch (error) {
    if (error instanceof AppError) return nothing;
    throw error;
  }
}

/** Reads how the storage creates, and nothing else of it. */
export async function readCreateMode(stateDir: string): Promise<CreateMode | undefined> {
  return decodeCreateMode((await readRecord(stateDir))?.["createMode"]);
}

/** Writes it, if it is not what is there already. */
export async function saveState(
  { stateDir }: Pick<SettingsContext, "stateDir">,
  before: SyncState,
  changes: Partial<SyncState>,
): Promise<void> {
  const now = { ...before, ...changes };
  if (!isSame(before, now)) await writePrivateFile(statePath(stateDir), encode(now));
}

/** What was read of the storage is the same as long as nothing new came. */
function isSame(a: SyncState, b: SyncState): boolean {
  return (
    a.remote === b.remote &&
    a.createMode === b.createMode &&
    JSON.stringify([...a.copies]) === JSON.stringify([...b.copies]) &&
    isSameBase(a.base, b.base)
  );
}

function isSameBase(a: SyncState["base"], b: SyncState["base"]): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.size === b.size && [...a].every(([path, file]) => isSameFile(file, b.get(path)));
}

function isSameFile(a: RemoteFile, b: RemoteFile | undefined): boolean {
  return isSameState(a, b) && a.snapshot === b?.snapshot;
}

/** Undefined where there is none that can be understood. */
async function readRecord(stateDir: string): Promise<Record<string, unknown> | undefined> {
  try {
    const record = asRecord(JSON.parse(await readFile(statePath(stateDir), "utf8")));
    return record?.["version"] === version ? record : undefined;
  } catch (error) {
    if (isNotFound(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function encode({ base, remote, createMode, copies }: SyncState): string {
  return JSON.stringify({
    version,
    base: base && encodeFiles(base),
    remote: remote && encodeRemoteState(remote),
    createMode,
    copies: [...copies].map(([of, { path, sha256 }]) => ({ of, path, sha256 })),
  });
}

function decode(record: Record<string, unknown> | undefined): SyncState {
  if (record === undefined) return nothing;
  const { base, remote, createMode, copies } = record;
  return {
    base: base === undefined ? undefined : decodeFiles(base, "What this machine remembers"),
    remote: decodeRemoteState(remote),
    createMode: decodeCreateMode(createMode),
    copies: new Map(asArray(copies).flatMap(decodeCopy)),
  };
}

function decodeCreateMode(value: unknown): CreateMode | undefined {
  return value === "atomic" || value === "degraded" ? value : undefined;
}

function decodeCopy(value: unknown): [string, ConflictCopy][] {
  const record = asRecord(value);
  const [of, path, sha256] = ["of", "path", "sha256"].map((key) => asString(record?.[key]));
  return of && path && sha256 ? [[of, { path, sha256 }]] : [];
}

function statePath(stateDir: string): string {
  return join(stateDir, "state.json");
}
