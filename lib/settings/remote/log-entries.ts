import { AppError } from "../../errors.ts";
import { decodeCommit } from "./commit.ts";
import type { Commit } from "./commit.ts";
import { entryBytesMax, requestsAtOnce } from "./limits.ts";
import { mapParallel } from "./parallel.ts";
import { nameObject } from "./profile.ts";
import type { Profile } from "./profile.ts";

const logPrefix = "log/";

/** The key of an entry of the log, below the profile's root. */
export function entryKey(number: number): string {
  return `${logPrefix}${String(number).padStart(10, "0")}.json`;
}

/** What stands in the log. */
export interface Listing {
  /** Numbers of commits, ascending. */
  readonly numbers: readonly number[];
  /** There is something else as well, such as the copy that a synced folder makes of a file that lost. */
  readonly hasStrangers: boolean;
}

/** Lists the log from commit `from` on. */
export async function listEntries(
  { store, root }: Profile,
  from: number,
  signal: AbortSignal,
): Promise<Listing> {
  const after = root + entryKey(from - 1);
  const keys = await store.list(root + logPrefix, { after, signal });
  const numbers = keys.flatMap((key) => {
    const number = Number(/(\d{10})\.json$/.exec(key)?.[1]);
    return number >= 1 && key === root + entryKey(number) ? [number] : [];
  });
  return { numbers, hasStrangers: numbers.length < keys.length };
}

/** Fetches a commit; undefined where there is none of this number. */
export async function fetchCommit(
  profile: Profile,
  number: number,
  signal: AbortSignal,
): Promise<Commit | undefined> {
  const key = entryKey(number);
  const bytes = await profile.store.get(profile.root + key, { bytesMax: entryBytesMax, signal });
  if (bytes === undefined) return undefined;
  return decodeCommit(bytes, number, profile.seal, nameObject(profile, key));
}

/**
 * Fetches commits that the log holds.
 *
 * @throws AppError "refused" where one is missing
 */
export async function fetchCommits(
  profile: Profile,
  numbers: readonly number[],
  signal: AbortSignal,
): Promise<Commit[]> {
  return mapParallel(numbers, requestsAtOnce, async (number) => {
    const commit = await fetchCommit(profile, number, signal);
    if (commit === undefined) throw missingEntry(profile, number);
    return commit;
  });
}

/** The numbers from one to another, both included. */
export function numbersBetween(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}

/** What is thrown where the log has a gap. */
export function missingEntry(profile: Profile, number: number): AppError {
  return new AppError("refused", `${nameObject(profile, entryKey(number))} is missing.`, {
    hint: "In a synced folder it may still be on its way: try again later. Else restore it from a backup, or use another profile.",
  });
}
