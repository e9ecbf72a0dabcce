import { AppError } from "../../errors.ts";
import type { FileState } from "../file-state.ts";
import { hashContent } from "../hash.ts";
import { makeCommitId } from "./commit-id.ts";
import { encodeCommit } from "./commit.ts";
import type { Commit, CommitKind } from "./commit.ts";
import { isLatestOurs, readLatest, writeLatest } from "./latest.ts";
import type { Latest } from "./latest.ts";
import { entryBytesMax, fileBytesMax, filesMax } from "./limits.ts";
import { entryKey, fetchCommit } from "./log-entries.ts";
import { beginProfile } from "./profile.ts";
import type { Profile } from "./profile.ts";
import { encodeSnapshot, readContents, snapshotKey } from "./snapshot.ts";
import type { Contents } from "./snapshot.ts";
import { applyCommits } from "./state.ts";
import type { RemoteState } from "./state.ts";

/** A change to publish. */
export interface Draft {
  /** What the log said when the change was planned; it was read just before. */
  readonly parent: RemoteState;
  readonly kind: CommitKind;
  readonly machine: string;
  /** New contents by path; undefined deletes. */
  readonly changes: ReadonlyMap<string, NewFile | undefined>;
  readonly note?: string;
}

/** A file as it is to be. */
export interface NewFile {
  readonly content: Uint8Array;
  readonly isExecutable: boolean;
}

/**
 * What came of it. Where another machine published first (`raced`), or the log holds another commit
 * in the parent's place (`isLost`), nothing has changed.
 */
export type Publication = { published: RemoteState } | { raced: true } | { isLost: true };

/** So many commits after the last checkpoint, the next one is due. */
const checkpointEvery = 50;

/**
 * Publishes a commit. Its contents are stored before it: a crash in between leaves a snapshot that
 * nobody looks at.
 *
 * @throws AppError "refused" where there is too much; "config" where the profile was begun with
 * another key meanwhile; what the store throws
 */
export async function publish(
  profile: Profile,
  draft: Draft,
  signal: AbortSignal,
): Promise<Publication> {
  const { store, root } = profile;
  const { commit, entry, snapshot } = await prepare(profile, draft, signal);
  if (commit.number === 1) await beginProfile(profile, signal);
  const [latest] = await Promise.all([
    readLatest(profile, signal),
    snapshot && store.put(root + snapshotKey(commit.id), snapshot, { signal }),
  ]);
  if (await isReplaced(profile, draft.parent, latest, signal)) return { isLost: true };
  const { isCreated } = await store.create(root + entryKey(commit.number), entry, { signal });
  if (!isCreated) return { raced: true };
  if (isLatestOurs(latest)) await writeLatest(profile, commit, signal);
  return { published: applyCommits(draft.parent, [commit]) };
}

/**
 * Whether the log holds another commit in the parent's place. A list of names does not show that,
 * where one copy of a folder was written over another; the hint gives it away, and the log says it.
 */
async function isReplaced(
  profile: Profile,
  { head }: RemoteState,
  latest: Latest | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  if (head === undefined || latest?.["number"] !== head.number) return false;
  if (latest["id"] === head.id) return false;
  return (await fetchCommit(profile, head.number, signal))?.id !== head.id;
}

/** A commit, and the contents that its snapshot is to hold. */
interface Change {
  commit: Commit;
  contents: Contents;
}

/** What is sent for a commit. */
interface Parcel {
  commit: Commit;
  entry: Uint8Array;
  snapshot: Uint8Array | undefined;
}

async function prepare(profile: Profile, draft: Draft, signal: AbortSignal): Promise<Parcel> {
  const { parent } = draft;
  const change = describe(profile, draft);
  const state = applyCommits(parent, [change.commit]);
  if (state.files.size > filesMax) throw tooMany();
  const { number } = change.commit;
  const pack = async (): Promise<Parcel> =>
    encode(profile, await toCheckpoint(profile, state, change, signal));
  if (number === 1) return pack();
  let bytes = 0;
  for (const file of state.files.values()) bytes += file.bytes;
  const isDue = number - parent.checkpoint >= checkpointEvery || state.chainBytes > 2 * bytes;
  try {
    if (isDue) return await pack();
  } catch (error) {
    // Some file's content is lost, or there is too much for one snapshot: the log goes on without.
    if (!(error instanceof AppError) || error.code !== "refused") throw error;
  }
  return encode(profile, change);
}

async function encode({ seal }: Profile, { commit, contents }: Change): Promise<Parcel> {
  const entry = await encodeCommit(commit, seal);
  if (entry.length > entryBytesMax) throw tooMany();
  const isEmpty = contents.size === 0;
  const snapshot = isEmpty ? undefined : await encodeSnapshot(commit.id, contents, seal);
  return { commit, entry, snapshot };
}

function describe(profile: Profile, { parent, kind, machine, changes, note }: Draft): Change {
  const files = new Map<string, FileState | undefined>();
  const contents = new Map<string, Uint8Array>();
  for (const [path, file] of changes) {
    if (file === undefined) {
      files.set(path, undefined);
      continue;
    }
    const { content, isExecutable } = file;
    if (content.length > fileBytesMax) throw tooLarge(path);
    const sha256 = hashContent(content);
    files.set(path, { sha256, bytes: content.length, isExecutable });
    contents.set(sha256, content);
  }
  const { head } = parent;
  const createdAt = profile.clock.now();
  const number = (head?.number ?? 0) + 1;
  const commit = {
    number,
    id: makeCommitId(createdAt, head?.id),
    parent: head?.id,
    createdAt,
    machine,
    kind,
    note,
    // The first commit becomes a checkpoint.
    checkpoint: parent.checkpoint,
    files,
  };
  return { commit, contents };
}

/** The same commit with all files, and all contents. */
async function toCheckpoint(
  profile: Profile,
  state: RemoteState,
  { commit, contents }: Change,
  signal: AbortSignal,
): Promise<Change> {
  const others = [...state.files.values()].filter(({ sha256 }) => !contents.has(sha256));
  const all = new Map([...(await readContents(profile, others, signal)), ...contents]);
  const files = new Map(
    [...state.files].map(([path, { sha256, bytes, isExecutable }]) => [
      path,
      { sha256, bytes, isExecutable },
    ]),
  );
  return { commit: { ...commit, checkpoint: commit.number, files }, contents: all };
}

function tooLarge(path: string): AppError {
  const megabytes = fileBytesMax / 1024 / 1024;
  return new AppError("refused", `${path} is larger than ${megabytes} MB.`, {
    hint: "Exclude it, or make it smaller.",
  });
}

function tooMany(): AppError {
  return new AppError("refused", `More than ${filesMax} files would be in the storage.`, {
    hint: "Exclude some of them.",
  });
}
