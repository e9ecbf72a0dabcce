import { AppError } from "../../errors.ts";
import type { FileTable, RemoteFile } from "../file-state.ts";
import type { Commit } from "./commit.ts";
import { requestsAtOnce } from "./limits.ts";
import { fetchCommit, fetchCommits, numbersBetween } from "./log-entries.ts";
import { mapParallel } from "./parallel.ts";
import type { Profile } from "./profile.ts";
import { applyCommits } from "./state.ts";
import type { RemoteState } from "./state.ts";

/**
 * Reads the newest commits, newest first: `limit` of them, or as many as there are.
 *
 * @throws AppError "refused" where one is damaged; what the store throws
 */
export async function readHistory(
  profile: Profile,
  state: RemoteState,
  limit: number,
  signal: AbortSignal,
): Promise<Commit[]> {
  const commits: Commit[] = [];
  let next = state.head?.number ?? 0;
  const end = Math.max(0, next - limit);
  while (next > end) {
    const numbers = numbersBetween(Math.max(end + 1, next - requestsAtOnce + 1), next).reverse();
    const batch = await mapParallel(numbers, requestsAtOnce, (number) =>
      fetchCommit(profile, number, signal),
    );
    const missing = batch.indexOf(undefined);
    const found = missing === -1 ? batch : batch.slice(0, missing);
    commits.push(...found.filter((commit) => commit !== undefined));
    if (missing !== -1) break;
    next -= numbers.length;
  }
  return commits;
}

/**
 * Reads which files there were at a commit.
 *
 * @throws AppError "refused" where there is no such commit, or no more; what the store throws
 */
export async function readFilesAt(
  profile: Profile,
  state: RemoteState,
  number: number,
  signal: AbortSignal,
): Promise<FileTable<RemoteFile>> {
  const newest = state.head?.number ?? 0;
  if (number === newest && number > 0) return state.files;
  const isInLog = Number.isSafeInteger(number) && number >= 1 && number < newest;
  const commit = isInLog ? await fetchCommit(profile, number, signal) : undefined;
  if (commit === undefined) {
    throw new AppError("refused", `There is no commit ${number} in the storage.`, {
      hint: "'history' lists those that there are; old ones are removed after 90 days.",
    });
  }
  const before = await fetchCommits(profile, numbersBetween(commit.checkpoint, number - 1), signal);
  const nothing = { ...state, head: undefined, files: new Map<string, RemoteFile>() };
  return applyCommits(nothing, [...before, commit]).files;
}
