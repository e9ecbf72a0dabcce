import { AppError } from "../../errors.ts";
import { asRecord, asString } from "../../session/value.ts";
import type { FileTable, RemoteFile } from "../file-state.ts";
import { readCommitTime } from "./commit-id.ts";
import { decodeFiles, encodeFiles } from "./commit.ts";
import type { Commit } from "./commit.ts";
import { isCount, verify } from "./verify.ts";

/** What the log says as of one commit. */
export interface RemoteState {
  /** The newest commit; undefined where there is none. */
  readonly head: Pick<Commit, "number" | "id" | "createdAt" | "machine"> | undefined;
  /** All files. Without a commit, those that pi-sync 0.1 left, if any. */
  readonly files: FileTable<RemoteFile>;
  /** Number of the newest checkpoint; 0 without a commit. */
  readonly checkpoint: number;
  /** Bytes of the contents that were stored since. */
  readonly chainBytes: number;
  /** Fingerprint of the key that it was read with; undefined where nothing is encrypted. */
  readonly key: string | undefined;
  /** Of what a read gave: the log does not hold the commit that was known before. */
  readonly isRewritten?: true;
}

/**
 * The state after more commits: those that follow the state's head, or that begin with a checkpoint.
 *
 * A commit may name another parent than the one before it, where a synced folder lost a race. Then
 * machines differ in what they take for the table, until the next checkpoint says it: so one is due.
 */
export function applyCommits(state: RemoteState, commits: readonly Commit[]): RemoteState {
  let { checkpoint, chainBytes } = state;
  let parent = state.head?.id;
  const files = new Map(state.files);
  for (const commit of commits) {
    if (commit.checkpoint === commit.number) {
      files.clear();
      checkpoint = commit.number;
      chainBytes = 0;
    } else if (commit.parent !== parent) {
      chainBytes = Number.MAX_SAFE_INTEGER;
    }
    for (const [path, file] of commit.files) {
      if (file === undefined) files.delete(path);
      else files.set(path, { ...file, snapshot: commit.id });
      const isStored = commit.number !== checkpoint;
      if (isStored) chainBytes = Math.min(chainBytes + (file?.bytes ?? 0), Number.MAX_SAFE_INTEGER);
    }
    parent = commit.id;
  }
  const last = commits.at(-1);
  if (last === undefined) return state;
  const { number, id, createdAt, machine } = last;
  return {
    head: { number, id, createdAt, machine },
    files,
    checkpoint,
    chainBytes,
    key: state.key,
  };
}

/** A state as a JSON value, for this machine's memory. */
export function encodeRemoteState(state: RemoteState): Record<string, unknown> {
  const { head, files, checkpoint, chainBytes, key } = state;
  return { head, files: encodeFiles(files), checkpoint, chainBytes, key };
}

/** The state that `encodeRemoteState` gave; undefined where it is none. */
export function decodeRemoteState(value: unknown): RemoteState | undefined {
  const where = "What was remembered of the storage";
  try {
    const record = asRecord(value);
    verify(record, where, "it is no object");
    const head = decodeHead(record["head"], where);
    const { checkpoint, chainBytes, key } = record;
    const isValid =
      isCount(checkpoint, 0, head?.number ?? 0) && isCount(chainBytes, 0, Number.MAX_SAFE_INTEGER);
    verify(isValid, where, "its numbers are wrong");
    const files = decodeFiles(record["files"], where);
    return { head, files, checkpoint, chainBytes, key: asString(key) };
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

function decodeHead(value: unknown, where: string): RemoteState["head"] {
  if (value === undefined) return undefined;
  const { number, id, createdAt, machine } = asRecord(value) ?? {};
  const isCommit =
    isCount(number, 1, Number.MAX_SAFE_INTEGER) &&
    typeof id === "string" &&
    readCommitTime(id) !== undefined &&
    typeof createdAt === "number" &&
    typeof machine === "string";
  verify(isCommit, where, "it names no commit");
  return { number, id, createdAt, machine };
}
