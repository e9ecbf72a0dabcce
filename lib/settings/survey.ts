import { AppError } from "../errors.ts";
import type { SettingsContext } from "./context.ts";
import type { FileTable, RemoteFile } from "./file-state.ts";
import { hashContent } from "./hash.ts";
import { mergeFile } from "./merge/merge-file.ts";
import { findBothChanged, planSync } from "./plan.ts";
import type { BothChanged, MergeOutcome, Plan, Sides } from "./plan.ts";
import { viewLocal } from "./local-view.ts";
import type { LocalView } from "./local-view.ts";
import { settingsFile } from "./read-local.ts";
import type { RemoteState } from "./remote/state.ts";
import { scanAgentDir } from "./scan.ts";
import { judgePath } from "./selection.ts";
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
  const [scanned, isWhole] = [scan.files, !scan.leftOut.some(({ path }) => path === settingsFile)];
  const settings =
    base?.get(settingsFile) ??
    (scanned.has(settingsFile) ? remote.files.get(settingsFile) : undefined);
  const view = { scanned, remote: remote.files, settings: isWhole ? settings : undefined };
  const local = await viewLocal(context, view, signal);
  const sides: Sides = {
    base,
    local: local.files,
    remote: remote.files,
    leftOut: scan.leftOut,
    judge: (path) => judgePath(path, selection),
  };
  const merges = await mergeAll(context, local, findBothChanged(sides), signal);
  const plan = planSync(sides, merges);
  return { state, remote, base, scanned, local, plan, ...(lost !== undefined && { lost }) };
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
    ...(await readAvailable(context, bases, signal)),
    ...(await context.log.readContents(remotes, signal)),
  ]);
  const merges = new Map<string, MergeOutcome>();
  for (const file of files) merges.set(file.path, await merge(view, file, contents));
  return merges;
}

/** The contents that are there: those of an old base may be removed, and then nothing can be merged. */
async function readAvailable(
  { log }: SettingsContext,
  files: readonly RemoteFile[],
  signal: AbortSignal,
): Promise<Map<string, Uint8Array>> {
  const contents = new Map<string, Uint8Array>();
  for (const id of new Set(files.map(({ snapshot }) => snapshot))) {
    const group = files.filter(({ snapshot }) => snapshot === id);
    try {
      for (const [hash, content] of await log.readContents(group, signal))
        contents.set(hash, content);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "refused") throw error;
    }
  }
  return contents;
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
