import type { FileTable, RemoteFile } from "../file-state.ts";
import type { Commit } from "./commit.ts";
import { readFilesAt, readHistory } from "./history.ts";
import type { Profile } from "./profile.ts";
import { prune } from "./prune.ts";
import { publish } from "./publish.ts";
import type { Draft, Publication } from "./publish.ts";
import { readLog } from "./read.ts";
import { readContents } from "./snapshot.ts";
import type { RemoteState } from "./state.ts";

/**
 * The log of a profile in the storage. Whatever fails rejects with an AppError: what the store
 * throws; "refused" where something is damaged, or was written by a newer version; "config" where
 * the profile is encrypted with another key than this machine's. All of it is checked before it is
 * given out, but for paths, which can hold anything.
 */
export interface RemoteLog {
  /** What the log says now; see `readLog`. `known` is what it said before. */
  read(known: RemoteState | undefined, signal: AbortSignal): Promise<RemoteState>;
  /** Publishes a commit; see `publish`. */
  publish(draft: Draft, signal: AbortSignal): Promise<Publication>;
  /** Contents by their SHA-256, each snapshot fetched once. */
  readContents(files: Iterable<RemoteFile>, signal: AbortSignal): Promise<Map<string, Uint8Array>>;
  /** The newest commits, newest first. */
  history(state: RemoteState, limit: number, signal: AbortSignal): Promise<Commit[]>;
  /** The files as of a commit; rejects ("refused") where there is no such commit. */
  filesAt(state: RemoteState, number: number, signal: AbortSignal): Promise<FileTable<RemoteFile>>;
  /** Removes what is old, if `state` was just published as a checkpoint; see `prune`. */
  prune(state: RemoteState, signal: AbortSignal): Promise<void>;
}

/** Opens the log of a profile. Nothing is asked of the storage yet. */
export function openRemoteLog({
  prefix,
  name,
  ...profile
}: Omit<Profile, "root"> & { prefix: string; name: string }): RemoteLog {
  const above = prefix === "" ? "" : `${prefix}/`;
  const opened: Profile = { ...profile, root: `${above}profiles/${name}/` };
  return {
    read: (known, signal) => readLog(opened, known, signal),
    publish: (draft, signal) => publish(opened, draft, signal),
    readContents: (files, signal) => readContents(opened, files, signal),
    history: (state, limit, signal) => readHistory(opened, state, limit, signal),
    filesAt: (state, number, signal) => readFilesAt(opened, state, number, signal),
    prune: (state, signal) => prune(opened, state, signal),
  };
}
