import { AppError, messageOf } from "../../errors.ts";
import { openDisk } from "./disk.ts";
import { finish, undo } from "./finish.ts";
import { journalPath, readJournal } from "./journal.ts";
import type { Applied, ApplyPlace } from "./place.ts";

/**
 * Sees to what a process that was killed left: undoes it (then nothing is listed), or finishes it
 * and says what came of that. Undefined where nothing was left. May be killed as well. To be called
 * before every operation, by one process at a time.
 *
 * @throws AppError "io" where that fails, and where what was left can't be read
 */
export async function recoverApply(place: ApplyPlace): Promise<Applied | undefined> {
  const journal = await readJournal(place.stateDir);
  if (journal === undefined) return undefined;
  const disk = openDisk(place.onStep);
  try {
    if (journal.phase === "finishing") return await finish(place, disk, journal);
    await undo(place, disk, journal);
    return { written: [], deleted: [], skipped: [] };
  } catch (error) {
    throw cannotFinish(place, error);
  }
}

/** What is begun stays in the journal. */
export function cannotFinish({ agentDir, stateDir }: ApplyPlace, cause: unknown): AppError {
  const what = `Not all settings could be written to ${agentDir}: ${messageOf(cause)}.`;
  return new AppError("io", what, {
    hint: `Remove the cause; the next sync finishes it. What is left to do is in ${journalPath(stateDir)}.`,
    cause,
  });
}
