import { AppError } from "../../errors.ts";
import { startDeadline } from "../../platform/deadline.ts";
import { readCommitTime } from "./commit-id.ts";
import type { Commit } from "./commit.ts";
import { requestsAtOnce } from "./limits.ts";
import { entryKey, fetchCommit, listEntries } from "./log-entries.ts";
import { mapParallel } from "./parallel.ts";
import type { Profile } from "./profile.ts";
import { readSnapshotId, snapshotPrefix } from "./snapshot.ts";
import type { RemoteState } from "./state.ts";

const dayMs = 86_400_000;
/** Commits younger than this stay, and as many of the newest. */
const keptForMs = 90 * dayMs;
const keptAtLeast = 20;
const timeoutMs = 60_000;

/**
 * Removes old commits and snapshots, after a checkpoint: all that is before the newest checkpoint
 * that is older than 90 days and followed by 20 commits. It does what it can within a minute; the
 * rest waits for the next checkpoint.
 *
 * A machine that knows an older commit sees that it is gone, and reads everything anew. What it may
 * be reading right now was replaced 90 days ago.
 */
export async function prune(
  profile: Profile,
  state: RemoteState,
  signal: AbortSignal,
): Promise<void> {
  if (state.head === undefined || state.checkpoint !== state.head.number) return;
  const deadline = startDeadline(timeoutMs, signal);
  try {
    await pruneBefore(profile, state.head.number, deadline.signal);
  } catch (error) {
    if (!(error instanceof AppError) && !deadline.signal.aborted) throw error;
  } finally {
    deadline.end();
  }
}

async function pruneBefore(profile: Profile, newest: number, signal: AbortSignal): Promise<void> {
  const { numbers } = await listEntries(profile, 1, signal);
  const candidates = numbers.filter((number) => number <= newest - keptAtLeast);
  const oldMs = profile.clock.now() - keptForMs;
  const old = await findLastOld(profile, candidates, oldMs, signal);
  if (old === undefined) return;
  const first = await fetchCommit(profile, old.checkpoint, signal);
  const firstMs = first === undefined ? undefined : readCommitTime(first.id);
  if (first === undefined || firstMs === undefined) return;
  const entries = numbers.filter((number) => number < first.number).map(entryKey);
  // The oldest first: where this is cut off, what stays is one piece.
  await removeAll(profile, entries, signal);
  await removeAll(profile, await listOldSnapshots(profile, firstMs - dayMs, signal), signal);
}

/** The newest commit from before a time: ids never go back in time, so half of them is ruled out by each look. */
async function findLastOld(
  profile: Profile,
  numbers: readonly number[],
  oldMs: number,
  signal: AbortSignal,
): Promise<Commit | undefined> {
  let found: Commit | undefined;
  let [low, high] = [0, numbers.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const commit = await fetchCommit(profile, numbers[middle] ?? 0, signal);
    if (commit !== undefined && (readCommitTime(commit.id) ?? Infinity) <= oldMs) {
      found = commit;
      low = middle + 1;
    } else {
      high = middle - 1;
    }
  }
  return found;
}

/** A snapshot from before a time, whether or not it got its commit. Those of pi-sync have other ids. */
async function listOldSnapshots(
  { store, root }: Profile,
  beforeMs: number,
  signal: AbortSignal,
): Promise<string[]> {
  const keys = await store.list(root + snapshotPrefix, { signal });
  return keys
    .map((key) => key.slice(root.length))
    .filter((key) => (readCommitTime(readSnapshotId(key)) ?? Infinity) < beforeMs);
}

async function removeAll(
  { store, root }: Profile,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  await mapParallel(keys, requestsAtOnce, (key) => store.delete(root + key, { signal }));
}
