import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { AppError } from "../errors.ts";
import type { CreateMode } from "../object-store/object-store.ts";
import { isNotFound, writePrivateFile } from "../platform/files.ts";
import { asArray, asRecord, asString } from "../session/value.ts";
import type { SettingsContext } from "./context.ts";
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
    return decode(JSON.parse(await readFile(statePath(stateDir), "utf8")));
  } catch (error) {
    const isBroken = error instanceof SyntaxError || error instanceof AppError;
    if (isNotFound(error) || isBroken) return nothing;
    throw error;
  }
}

/** Writes it, if it is not what is there already. */
export async function saveState(
  { stateDir }: Pick<SettingsContext, "stateDir">,
  before: SyncState,
  now: Partial<SyncState>,
): Promise<void> {
  const text = encode({ ...before, ...now });
  if (text !== encode(before)) await writePrivateFile(statePath(stateDir), text);
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

function decode(value: unknown): SyncState {
  const record = asRecord(value);
  if (record?.["version"] !== version) return nothing;
  const { base, remote, createMode, copies } = record;
  const isKnownMode = createMode === "atomic" || createMode === "degraded";
  return {
    base: base === undefined ? undefined : decodeFiles(base, "What this machine remembers"),
    remote: decodeRemoteState(remote),
    createMode: isKnownMode ? createMode : undefined,
    copies: new Map(asArray(copies).flatMap(decodeCopy)),
  };
}

function decodeCopy(value: unknown): [string, ConflictCopy][] {
  const record = asRecord(value);
  const [of, path, sha256] = ["of", "path", "sha256"].map((key) => asString(record?.[key]));
  return of && path && sha256 ? [[of, { path, sha256 }]] : [];
}

function statePath(stateDir: string): string {
  return join(stateDir, "state.json");
}
