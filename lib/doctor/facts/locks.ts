import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { openMarks } from "../../live/marks.ts";
import { isProcessAlive } from "../../platform/process.ts";
import { piAgentDir } from "../../platform/paths.ts";
import type { Env, Paths } from "../../platform/paths.ts";
import type { Clock } from "../../platform/clock.ts";
import { isThere, statOf } from "./stat.ts";

/** Who holds what on this machine, and what was left behind by processes that ended. */
export interface LockFacts {
  /** Numbers of the processes that see to sessions. */
  holders: number[];
  /** Sessions that they see to. */
  seenTo: number;
  /** Sessions that a process took on and left unfinished. */
  left: number;
  /** Of those, files that are gone: nothing can be done about them any more. */
  gone: string[];
  /** Locks on pi's files that nobody renews. */
  staleLocks: { path: string; ageMs: number }[];
}

/** pi renews its locks every few seconds and takes over those that are older than 10. */
const staleMs = 60_000;
/** A process that claims nothing for so long is another one by now. */
const claimMsMax = 15 * 60 * 1000;

/** Looks at the marks of live sessions, and at the locks on pi's own files. */
export async function lookAtLocks(
  env: Env,
  { stateDir }: Paths,
  clock: Pick<Clock, "now">,
): Promise<LockFacts> {
  const now = (): number => clock.now();
  const marks = openMarks(liveDir(stateDir), now);
  const [left, seenTo] = await Promise.all([marks.listLeft(), marks.listSeenTo()]);
  const gone: string[] = [];
  for (const { path } of left) if (!(await isThere(path))) gone.push(path);
  return {
    holders: await listHolders(liveDir(stateDir), now()),
    seenTo: seenTo.length,
    left: left.length,
    gone,
    staleLocks: await listStaleLocks(piAgentDir(env), now()),
  };
}

/** The folder of the marks. */
export function liveDir(stateDir: string): string {
  return join(stateDir, "live");
}

/** A mark's name ends in the number of its process. */
async function listHolders(dir: string, nowMs: number): Promise<number[]> {
  const holders = new Set<number>();
  for (const name of await readdir(dir).catch(() => [])) {
    const holder = Number(/^[0-9a-f]{24}\.(\d+)$/.exec(name)?.[1]);
    const mark = await statOf(join(dir, name));
    const isClaimed = mark !== undefined && nowMs - mark.mtimeMs < claimMsMax;
    if (isClaimed && isProcessAlive(holder)) holders.add(holder);
  }
  return [...holders];
}

async function listStaleLocks(agentDir: string, nowMs: number): Promise<LockFacts["staleLocks"]> {
  const found: LockFacts["staleLocks"] = [];
  for (const name of ["settings.json.lock", "auth.json.lock"]) {
    const path = join(agentDir, name);
    const ageMs = nowMs - ((await statOf(path))?.mtimeMs ?? nowMs);
    if (ageMs > staleMs) found.push({ path, ageMs: Math.round(ageMs) });
  }
  return found;
}
