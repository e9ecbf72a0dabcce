import type { Commit } from "./commit.ts";
import { readLatest, readLegacyFiles } from "./latest.ts";
import {
  fetchCommit,
  fetchCommits,
  listEntries,
  missingEntry,
  numbersBetween,
} from "./log-entries.ts";
import { checkProfile, nameObject } from "./profile.ts";
import type { Profile } from "./profile.ts";
import { applyCommits } from "./state.ts";
import type { RemoteState } from "./state.ts";
import { filesMax } from "./limits.ts";
import { verify } from "./verify.ts";

/** Of more new commits than these, those since the last checkpoint are fewer. */
const newsMax = 50;

/**
 * Reads what the log says now. Where `known` is still the newest, that is one request: a list of the
 * log from the known commit on, which shows as well whether that one is still there.
 *
 * @throws AppError "config" where the profile has another key: then nothing else was asked for;
 * "refused" where something is damaged; what the store throws
 */
export async function readLog(
  profile: Profile,
  known: RemoteState | undefined,
  signal: AbortSignal,
): Promise<RemoteState> {
  const isSameKey = known?.key === profile.seal?.fingerprint;
  const next = known?.head && isSameKey ? await readNews(profile, known, signal) : undefined;
  return next ?? readAll(profile, known?.head, signal);
}

/** The known state with what is new; undefined where the log does not simply go on from it. */
async function readNews(
  profile: Profile,
  known: RemoteState,
  signal: AbortSignal,
): Promise<RemoteState | undefined> {
  const { number = 0, id } = known.head ?? {};
  const { numbers, hasStrangers } = await listEntries(profile, number, signal);
  if (numbers[0] !== number) return undefined;
  if (numbers.length === 1 && !hasStrangers) return known;
  if (numbers.length > newsMax) return undefined;
  const commits = await fetchCommits(profile, hasStrangers ? numbers : numbers.slice(1), signal);
  const news = commits.filter((commit) => commit.number > number);
  const isHeld = commits.every((commit) => commit.number !== number || commit.id === id);
  const isChain = news.every(({ parent }, index) => parent === (news[index - 1]?.id ?? id));
  return isHeld && isChain ? checkSize(profile, applyCommits(known, news)) : undefined;
}

async function readAll(
  profile: Profile,
  known: RemoteState["head"],
  signal: AbortSignal,
): Promise<RemoteState> {
  await checkProfile(profile, signal);
  const [{ numbers }, latest] = await Promise.all([
    listEntries(profile, 1, signal),
    readLatest(profile, signal),
  ]);
  const key = profile.seal?.fingerprint;
  const nothing = { head: undefined, checkpoint: 0, chainBytes: 0, key };
  const last = numbers.at(-1);
  if (last === undefined) {
    const files = (await readLegacyFiles(profile, latest, signal)) ?? new Map();
    return { ...nothing, files, ...(known && { isRewritten: true }) };
  }
  const commits = await readChain(profile, last, numbers, signal);
  const state = checkSize(profile, applyCommits({ ...nothing, files: new Map() }, commits));
  const isHeld = known === undefined || (await holds(profile, numbers, commits, known, signal));
  return isHeld ? state : { ...state, isRewritten: true };
}

/**
 * Reads commit `last` and those before it, back to the checkpoint that it builds on.
 *
 * @throws AppError "refused" where one of them is not among `numbers`
 */
async function readChain(
  profile: Profile,
  last: number,
  numbers: readonly number[],
  signal: AbortSignal,
): Promise<Commit[]> {
  const newest = await fetchCommits(profile, [last], signal);
  const first = newest[0]?.checkpoint ?? last;
  const start = numbers.indexOf(first);
  if (start === -1) throw missingEntry(profile, first);
  checkGaps(profile, numbers.slice(start));
  const commits = [...(await fetchCommits(profile, numbers.slice(start, -1), signal)), ...newest];
  const isCheckpoint = commits[0]?.checkpoint === first;
  verify(isCheckpoint, nameObject(profile, `commit ${first}`), "it is no checkpoint");
  return commits;
}

function checkGaps(profile: Profile, numbers: readonly number[]): void {
  const [first = 1] = numbers;
  const gap = numbersBetween(0, numbers.length - 1).find(
    (index) => numbers[index] !== first + index,
  );
  if (gap !== undefined) throw missingEntry(profile, first + gap);
}

/** Whether the log holds a commit. One that was removed for its age may have been there. */
async function holds(
  profile: Profile,
  numbers: readonly number[],
  commits: readonly Commit[],
  known: Pick<Commit, "number" | "id">,
  signal: AbortSignal,
): Promise<boolean> {
  if (known.number < (numbers[0] ?? 1)) return true;
  const read = commits.find(({ number }) => number === known.number);
  const commit = read ?? (await fetchCommit(profile, known.number, signal));
  return commit?.id === known.id;
}

function checkSize(profile: Profile, state: RemoteState): RemoteState {
  verify(state.files.size <= filesMax, nameObject(profile, "log"), "it has too many files");
  return state;
}
