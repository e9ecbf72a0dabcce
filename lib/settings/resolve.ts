import { AppError } from "../errors.ts";
import type { SkippedFile } from "./apply/place.ts";
import { recoverApply } from "./apply/recover.ts";
import { removeCopy } from "./conflict-copies.ts";
import type { SettingsContext } from "./context.ts";
import { execute, saveAgreement } from "./execute.ts";
import type { Executed } from "./execute.ts";
import { withSettingsLock } from "./lock.ts";
import type { PlanItem } from "./plan.ts";
import { survey } from "./survey.ts";
import type { Survey } from "./survey.ts";

/** Which version of a file stays: this machine's, with what the person has made of it, or the storage's. */
export type Side = "mine" | "theirs";

/** The conflicts that wait for somebody to decide. */
export async function findConflicts(
  context: SettingsContext,
  signal: AbortSignal,
): Promise<PlanItem[]> {
  return listConflicts(await survey(context, signal));
}

/**
 * Decides a conflict. With `mine`, the next sync sends this machine's version; with `theirs`, the
 * storage's is taken at once, and a backup of this machine's is kept.
 *
 * @throws AppError "refused" where it is another conflict by now, or none
 */
export async function resolveConflict(
  context: SettingsContext,
  { path, local, remote }: PlanItem,
  side: Side,
  signal: AbortSignal,
): Promise<Executed | undefined> {
  const { place, lock } = context;
  return withSettingsLock(lock("resolve"), async () => {
    await recoverApply(place);
    const seen = await survey(context, signal);
    const now = listConflicts(seen).find((item) => item.path === path);
    const isSame = now?.local?.sha256 === local?.sha256 && now?.remote?.sha256 === remote?.sha256;
    if (now === undefined || !isSame) throw changed(path);
    let executed: Executed | undefined;
    if (side === "mine") {
      await saveAgreement(context, seen, seen.remote, { done: [path] });
    } else {
      const contents = await context.log.readContents(remote ? [remote] : [], signal);
      const content = remote && contents.get(remote.sha256);
      const file = remote && content && { content, isExecutable: remote.isExecutable };
      const step = {
        path,
        local: seen.scanned.get(path),
        file,
        isWrittenHere: true,
        isWrittenThere: false,
      };
      executed = await execute(context, seen, [step], { kind: "pull" }, signal);
      const [skipped] = executed?.applied.skipped ?? [];
      if (skipped) throw notWritten(skipped);
    }
    await removeCopy(context, path);
    return executed;
  });
}

function listConflicts({ plan }: Survey): PlanItem[] {
  return plan.items.filter(({ verdict }) => verdict === "conflict");
}

function notWritten({ path, reason }: SkippedFile): AppError {
  return new AppError("refused", `${path} was left as it is: ${reason}.`, {
    hint: "It is still in conflict: look at 'status' again.",
  });
}

function changed(path: string): AppError {
  return new AppError("refused", `${path} is not in the conflict any more that you looked at.`, {
    hint: "Look at 'status' again.",
  });
}
