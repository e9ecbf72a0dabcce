import { readdirSync } from "node:fs";
import { setImmediate } from "node:timers/promises";

import { AppError } from "../errors.ts";
import type { Clock } from "../platform/clock.ts";
import { isNotFound } from "../platform/files.ts";
import type { FileState } from "./file-state.ts";
import { explain, findIn, isLeftOut, locate, readWhole } from "./local-file.ts";
import type { Found, Reason } from "./local-file.ts";
import type { LeftOut } from "./plan.ts";
import { findRoot, settingsFile, toSynced } from "./read-local.ts";
import { openScanCache } from "./scan-cache.ts";
import type { ScanCache } from "./scan-cache.ts";
import { judgeFolder, judgeForm, judgePath, listRoots } from "./selection.ts";
import type { Selection } from "./selection.ts";

/** What to scan. */
export interface ScanOptions {
  readonly agentDir: string;
  readonly selection: Selection;
  /** Keys of `settings.json` that stay on this machine. */
  readonly localKeys: readonly string[];
  /** Where to remember what files held; without it, all are read. */
  readonly cachePath?: string | undefined;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** What the agent directory holds, sorted by path. */
export interface Scan {
  readonly files: Map<string, FileState>;
  /**
   * What is there and not synced; a folder stands for all in it. Names that nobody selected are not
   * listed. A path may hold control characters.
   */
  readonly leftOut: LeftOut[];
}

const filesMax = 10_000;
/** Other work of the process waits no longer. */
const turnMsMax = 5;

/**
 * Finds the files that are synced, and what they hold now. A folder that is not there has none.
 *
 * @throws AppError "refused" where there are too many files; "io" where the agent directory can't be
 * read; the signal's reason when it is aborted
 */
export async function scanAgentDir(options: ScanOptions): Promise<Scan> {
  const { agentDir, selection, cachePath, clock, signal } = options;
  signal?.throwIfAborted();
  const root = findRoot(agentDir);
  if (root === undefined) return { files: new Map(), leftOut: [] };
  const pause = createPause(clock, signal);
  const cache = await openScanCache(cachePath);
  const walk: Walk = { ...options, root, cache, pause, files: [], leftOut: [], folders: 0 };
  for (const path of listRoots(selection)) {
    const reason = judgeForm(path);
    if (reason === undefined) await visit(walk, path, locate(root, path));
    else walk.leftOut.push({ path, reason, isThere: false });
  }
  await cache.save();
  return {
    files: new Map(walk.files.sort(byPath)),
    leftOut: walk.leftOut.sort((a, b) => byPath([a.path], [b.path])),
  };
}

/** A scan under way. */
interface Walk extends ScanOptions {
  readonly root: string;
  readonly cache: ScanCache;
  /** Lets other work of the process have its turn, where it is due. */
  readonly pause: () => Promise<void>;
  readonly files: [string, FileState][];
  readonly leftOut: LeftOut[];
  folders: number;
}

function createPause(clock: Clock, signal: AbortSignal | undefined): () => Promise<void> {
  let startedAt = clock.now();
  return async () => {
    if (clock.now() - startedAt < turnMsMax) return;
    await setImmediate();
    signal?.throwIfAborted();
    startedAt = clock.now();
  };
}

async function visit(walk: Walk, path: string, found: Found | Reason | undefined): Promise<void> {
  await walk.pause();
  if (found === undefined) return;
  const isFolder = !isLeftOut(found) && found.stats.isDirectory();
  const reason = (isFolder ? judgeFolder : judgePath)(path, walk.selection);
  if (reason !== undefined) leaveOut(walk, path, { reason });
  else if (isLeftOut(found)) leaveOut(walk, path, found);
  else if (isFolder) await visitFolder(walk, path, found);
  else await visitFile(walk, path, found);
}

function leaveOut({ leftOut }: Walk, path: string, { reason }: Reason): void {
  leftOut.push({ path, reason, isThere: true });
}

async function visitFolder(walk: Walk, path: string, folder: Found): Promise<void> {
  if (++walk.folders > filesMax) throw tooMany(walk, path);
  const names = listNames(folder.place);
  if (isLeftOut(names)) return leaveOut(walk, path, names);
  for (const name of names) {
    await visit(walk, `${path}/${name}`, findIn(walk.root, folder, name));
  }
}

function listNames(place: string): readonly string[] | Reason {
  try {
    return readdirSync(place);
  } catch (error) {
    return isNotFound(error) ? [] : explain(error);
  }
}

async function visitFile(walk: Walk, path: string, found: Found): Promise<void> {
  const { files } = walk;
  const state = walk.cache.find(path, found.stats) ?? (await readState(walk, path, found));
  if (state === undefined) return;
  if (isLeftOut(state)) return leaveOut(walk, path, state);
  if (files.length === filesMax) throw tooMany(walk, path);
  files.push([path, state]);
}

async function readState(
  { cache, clock, localKeys, pause }: Walk,
  path: string,
  { place }: Found,
): Promise<FileState | Reason | undefined> {
  const readAtMs = clock.now();
  const file = await readWhole(place, pause);
  if (file === undefined || isLeftOut(file)) return file;
  const synced = toSynced(path, file, localKeys);
  if (synced === undefined || isLeftOut(synced)) return synced;
  // What is shared of `settings.json` depends on more than the file.
  if (path !== settingsFile) cache.keep(path, file.stats, synced.state.sha256, readAtMs);
  return synced.state;
}

function tooMany({ files }: Walk, lastPath: string): AppError {
  const counts = new Map<string, number>();
  for (const path of [...files.map(([path]) => path), lastPath]) {
    const folder = path.split("/", 2).join("/");
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  const [largest] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a));
  return new AppError("refused", "There are more than 10,000 files or folders to sync.", {
    hint: `Exclude what is no setting. Most are in ${largest}.`,
  });
}

function byPath(
  [a]: readonly [string, ...unknown[]],
  [b]: readonly [string, ...unknown[]],
): number {
  return a < b ? -1 : Number(a > b);
}
