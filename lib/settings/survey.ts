import type { SettingsContext } from "./context.ts";
import type { FileTable, RemoteFile } from "./file-state.ts";
import { hashContent } from "./hash.ts";
import { mergeFile } from "./merge/merge-file.ts";
import { findBothChanged, planSync } from "./plan.ts";
import type { BothChanged, MergeOutcome, Plan, Sides } from "./plan.ts";
import { viewLocal } from "./local-view.ts";
import type { LocalView } from "./local-view.ts";
import { settingsFile } from "./read-local.ts";
import { readAvailable } from "./remote/read-available.ts";
import type { RemoteState } from "./remote/state.ts";
import { scanAgentDir } from "./scan.ts";
import type { Scan } from "./scan.ts";
import { judgePath } from "./selection.ts";
import type { Selection } from "./selection.ts";
import { readState } from "./state.ts";
import type { SyncState } from "./state.ts";

/** How both sides stand. */
export interface Survey {
  readonly state: SyncState;
  readonly remote: RemoteState;
  /** What the plan was made from; undefined where there was none, or none that holds. */
  readonly base: FileTable<RemoteFile> | undefined;
  /** What this machine has, as it is on the disk. */
  readonly scanned: FileTable;
  /** The same as it is compared. */
  readonly local: LocalView;
  readonly plan: Plan;
  /** Why the base that this machine had does not hold any more, if so. */
  readonly lost?: "storage is empty" | "log was rewritten" | "nothing is here";
}

/** Larger files are not merged. */
const mergeBytesMax = 1024 * 1024;

/**
 * Looks at both sides and plans. Nothing is changed.
 *
 * @throws AppError where the storage can't be read
 */
export async function survey(context: SettingsContext, signal: AbortSignal): Promise<Survey> {
  const { agentDir, localKeys, selection, clock, scanCachePath: cachePath } = context;
  const state = await readState(context.stateDir);
  const [remote, scan] = await Promise.all([
    context.log.read(state.remote, signal),
    scanAgentDir({ agentDir, selection, localKeys, cachePath, clock, signal }),
  ]);
  const lost = findLoss(state, remote, scan.files.size);
  const base = lost === undefined && state.base?.size ? state.base : undefined;
  const scanned = scan.files;
  const settings = findSettings(scan, base, remote);
  const local = await viewLocal(context, { scanned, remote: remote.files, settings }, signal);
  const sides: Sides = {
    base,
    local: local.files,
    remote: remote.files,
    leftOut: scan.leftOut,
    judge: judgeOnce(scanned, selection),
  };
  const merges = await mergeAll(context, local, findBothChanged(sides), signal);
  const plan = planSync(sides, merges);
  return { state, remote, base, scanned, local, plan, ...(lost !== undefined && { lost }) };
}

/** Where the values of keys that only this machine keeps for itself may come from, the first that is there. */
function findSettings(scan: Scan, base: Survey["base"], remote: RemoteState): RemoteFile[] {
  const [agreed, theirs] = [base, remote.files].map((files) => files?.get(settingsFile));
  const isUnreadable = scan.leftOut.some(({ path }) => path === settingsFile);
  if (isUnreadable || (agreed === undefined && !scan.files.has(settingsFile))) return [];
  return [agreed, theirs].filter((file) => file !== undefined);
}

/** Judges paths, each once: those of a scan have passed already. */
function judgeOnce(scanned: FileTable, selection: Selection): Sides["judge"] {
  const reasons = new Map<string, string | undefined>();
  for (const path of scanned.keys()) reasons.set(path, undefined);
  return (path) => {
    if (!reasons.has(path)) reasons.set(path, judgePath(path, selection));
    return reasons.get(path);
  };
}

function findLoss(state: SyncState, remote: RemoteState, localCount: number): Survey["lost"] {
  if (state.base === undefined || state.base.size === 0) return undefined;
  if (remote.head === undefined && remote.files.size === 0) return "storage is empty";
  if (remote.isRewritten) return "log was rewritten";
  // A machine that has lost all its files gets them back, and takes them from nobody.
  return localCount === 0 ? "nothing is here" : undefined;
}

async function mergeAll(
  context: SettingsContext,
  view: LocalView,
  files: readonly BothChanged[],
  signal: AbortSignal,
): Promise<Map<string, MergeOutcome>> {
  const isSmall = ({ bytes }: RemoteFile): boolean => bytes <= mergeBytesMax;
  const bases = files.flatMap(({ base }) => base ?? []).filter(isSmall);
  const remotes = files.map(({ remote }) => remote).filter(isSmall);
  const contents = new Map([
    ...(await readAvailable(context.log, bases, signal)),
    ...(await context.log.readContents(remotes, signal)),
  ]);
  const merges = new Map<string, MergeOutcome>();
  for (const file of files) merges.set(file.path, await merge(view, file, contents));
  return merges;
}

async function merge(
  view: LocalView,
  { path, base, local, remote }: BothChanged,
  contents: ReadonlyMap<string, Uint8Array>,
): Promise<MergeOutcome> {
  const mine = await view.read(path);
  const theirs = contents.get(remote.sha256);
  const isKnown = mine !== undefined && theirs !== undefined && local.bytes <= mergeBytesMax;
  if (!isKnown || mine.state.sha256 !== local.sha256) return { where: [] };
  const isExecutable = mergeMode(base, local, remote);
  const merged =
    local.sha256 === remote.sha256
      ? ({ kind: "merged", content: mine.content } as const)
      : mergeFile(path, base && contents.get(base.sha256), mine.content, theirs);
  if (merged.kind === "conflict") return { where: merged.where };
  const { content } = merged;
  const state = { sha256: hashContent(content), bytes: content.length, isExecutable };
  return { content, state };
}

/** Of two values, one is new where the sides differ. */
function mergeMode(
  base: RemoteFile | undefined,
  local: BothChanged["local"],
  remote: RemoteFile,
): boolean {
  if (base === undefined) return local.isExecutable || remote.isExecutable;
  return local.isExecutable === base.isExecutable ? remote.isExecutable : local.isExecutable;
}
