import { isSameState } from "./file-state.ts";
import type { FileState, FileTable, RemoteFile } from "./file-state.ts";

/** What has to happen to a file, or stands in its way. */
export type Verdict =
  /** Changed here alone: the storage takes it. */
  | "push"
  /** Changed in the storage alone: this machine takes it. */
  | "pull"
  /** Changed on both sides, and both changes go together. */
  | "merge"
  /** Changed on both sides, and they do not go together. */
  | "conflict"
  /** Both sides came to the same. */
  | "agreed"
  /** Changed in the storage, and this machine can't take it. */
  | "blocked";

/** How a side that takes a file changes by that. */
export type ChangeKind = "add" | "change" | "delete";

/** A file on which base, local and remote are not all the same. */
export interface PlanItem {
  readonly path: string;
  readonly verdict: Verdict;
  readonly change: ChangeKind;
  readonly base: RemoteFile | undefined;
  readonly local: FileState | undefined;
  readonly remote: RemoteFile | undefined;
  /** What a merge comes to. */
  readonly merged?: MergedFile;
  /** Of a conflict: its places. Of what is blocked: the reason. */
  readonly why?: string;
}

/** What both sides of a file came to. */
export interface MergedFile {
  readonly content: Uint8Array;
  readonly state: FileState;
}

/** A file that is not synced, and why. */
export interface LeftOut {
  readonly path: string;
  readonly reason: string;
  /** It is there and can't be read or taken, which is not the same as deleted. */
  readonly isThere: boolean;
}

/** All that syncing would do and can't do, as a value. */
export interface Plan {
  /** Sorted by path; without the files on which all agree. */
  readonly items: readonly PlanItem[];
  /** There is no base, both sides have files, and they differ. */
  readonly needsChoice: boolean;
  /** How many files each side has. */
  readonly localCount: number;
  readonly remoteCount: number;
  /** What is here and not synced. */
  readonly leftOut: readonly LeftOut[];
  /** What is in the storage and not for this machine. */
  readonly notHere: readonly { path: string; reason: string }[];
}

/** What a plan is made from. */
export interface Sides {
  /** Undefined before the first sync. */
  readonly base: FileTable<RemoteFile> | undefined;
  readonly local: FileTable;
  readonly remote: FileTable<RemoteFile>;
  readonly leftOut: readonly LeftOut[];
  /** Why this machine does not take a path; undefined where it does. */
  readonly judge: (path: string) => string | undefined;
}

/** What came of an attempt to merge a file that both sides changed. */
export type MergeOutcome = MergedFile | { readonly where: readonly string[] };

/** A file that both sides changed; whether that is a conflict only its contents tell. */
export interface BothChanged {
  readonly path: string;
  readonly base: RemoteFile | undefined;
  readonly local: FileState;
  readonly remote: RemoteFile;
}

/** The files whose contents have to be merged before there can be a plan. */
export function findBothChanged(sides: Sides): BothChanged[] {
  const { base, local, remote } = sides;
  return listPaths(sides).flatMap((path) => {
    const [b, l, r] = [base?.get(path), local.get(path), remote.get(path)];
    if (l === undefined || r === undefined || isSameState(l, r)) return [];
    return isSameState(b, l) || isSameState(b, r) ? [] : [{ path, base: b, local: l, remote: r }];
  });
}

/** The plan; `merges` has the outcome for each file of `findBothChanged`. */
export function planSync(sides: Sides, merges: ReadonlyMap<string, MergeOutcome>): Plan {
  const { base, local, remote, leftOut } = sides;
  const paths = listPaths(sides);
  const unreadable = listUnreadable(leftOut);
  const items = paths.flatMap((path): PlanItem[] => {
    const states = { base: base?.get(path), local: local.get(path), remote: remote.get(path) };
    const reason = findCover(path, unreadable);
    const item =
      reason === undefined ? compare(path, states, merges.get(path)) : block(path, states, reason);
    return item === undefined ? [] : [item];
  });
  const remotePaths = [...remote.keys()];
  return {
    items,
    needsChoice:
      base === undefined &&
      local.size > 0 &&
      remotePaths.some((path) => sides.judge(path) === undefined) &&
      items.some(({ verdict }) => verdict !== "agreed"),
    localCount: local.size,
    remoteCount: remote.size,
    leftOut,
    notHere: remotePaths.flatMap((path) => {
      const reason = sides.judge(path);
      return reason === undefined ? [] : [{ path, reason }];
    }),
  };
}

/** The paths that this machine syncs, sorted. */
function listPaths({ base, local, remote, judge }: Sides): string[] {
  const all = new Set([...(base?.keys() ?? []), ...local.keys(), ...remote.keys()]);
  return [...all].filter((path) => judge(path) === undefined).sort();
}

type States = Pick<PlanItem, "base" | "local" | "remote">;

/** The table: who changed a file since both sides agreed. Undefined where there is nothing to do. */
function compare(
  path: string,
  states: States,
  merge: MergeOutcome | undefined,
): PlanItem | undefined {
  const { base, local, remote } = states;
  const isLocalChanged = !isSameState(base, local);
  const isRemoteChanged = !isSameState(base, remote);
  if (isSameState(local, remote)) {
    if (!isLocalChanged) return undefined;
    return { path, verdict: "agreed", change: changeOf(base, local), ...states };
  }
  if (!isRemoteChanged)
    return { path, verdict: "push", change: changeOf(remote, local), ...states };
  if (!isLocalChanged) return { path, verdict: "pull", change: changeOf(local, remote), ...states };
  if (local === undefined) return conflict(path, states, "deleted here, changed in the storage");
  if (remote === undefined) return conflict(path, states, "changed here, deleted in the storage");
  if (merge === undefined || "where" in merge) {
    const where = merge?.where.join(", ") ?? "";
    return conflict(path, states, where === "" ? "changed on both sides" : where);
  }
  return { path, verdict: "merge", change: "change", ...states, merged: merge };
}

function conflict(path: string, states: States, why: string): PlanItem {
  return { path, verdict: "conflict", change: "change", ...states, why };
}

/** A file that is here and can't be read stays as it is; that it is not seen deletes it nowhere. */
function block(path: string, states: States, why: string): PlanItem | undefined {
  const { base, remote } = states;
  if (isSameState(base, remote)) return undefined;
  return { path, verdict: "blocked", change: changeOf(base, remote), ...states, why };
}

/** What is here and can't be read or taken, with the reasons. */
export function listUnreadable(leftOut: readonly LeftOut[]): Map<string, string> {
  const isThere = leftOut.filter((item) => item.isThere);
  return new Map(isThere.map(({ path, reason }) => [path, reason]));
}

/** Why a path can't be read: itself, or a folder above it. */
export function findCover(
  path: string,
  unreadable: ReadonlyMap<string, string>,
): string | undefined {
  if (unreadable.size === 0) return undefined;
  for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
    const reason = unreadable.get(path.slice(0, end));
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function changeOf(before: FileState | undefined, after: FileState | undefined): ChangeKind {
  if (before === undefined) return "add";
  return after === undefined ? "delete" : "change";
}
