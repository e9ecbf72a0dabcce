import { must } from "../assert.ts";
import { AppError } from "../errors.ts";
import { askAboutDeletions } from "./actions.ts";
import type { Action, Question } from "./actions.ts";
import type { SettingsContext } from "./context.ts";
import { isSameState } from "./file-state.ts";
import type { FileTable, RemoteFile } from "./file-state.ts";
import type { Step } from "./execute.ts";
import { findCover, listUnreadable } from "./plan.ts";
import type { PlanItem } from "./plan.ts";
import type { Attempt } from "./run.ts";
import { searchSteps } from "./secrets/search-steps.ts";
import { judgePath } from "./selection.ts";
import { setAside } from "./set-aside.ts";
import { survey } from "./survey.ts";
import type { Survey } from "./survey.ts";

/**
 * Plans to go back to a commit: on this machine, and by a commit of its own in the storage, so that
 * nothing of the history is lost. Changes of this machine that are in no commit are asked about.
 *
 * @throws AppError "refused" where there is no such commit, or not any more
 */
export async function prepareRollback(
  context: SettingsContext,
  number: number,
  signal: AbortSignal,
): Promise<Attempt> {
  const seen = await survey(context, signal);
  const target = await context.log.filesAt(seen.remote, number, signal);
  const actions = compareAll(context, seen, target);
  const contents = await context.log.readContents(
    actions.flatMap(({ item }) => item.remote ?? []),
    signal,
  );
  const steps = actions.map(({ item, isWrittenHere, isWrittenThere }): Step => {
    const { path, remote } = item;
    const content = remote && must(contents.get(remote.sha256), "a content that was read");
    const file = remote && content && { content, isExecutable: remote.isExecutable };
    return { path, local: seen.scanned.get(path), file, isWrittenHere, isWrittenThere };
  });
  const proposal = { actions, questions: listQuestions(actions, seen), conflicts: [] };
  const feasible = await setAside(context, { proposal, steps });
  // It is in the storage already; a person decides whether it comes back all the same.
  return { seen, findings: await searchSteps(context, feasible.steps), ...feasible };
}

/** The number of a commit as people write it: `42` or `#42`. */
export function parseCommitNumber(word: string): number {
  const number = Number(/^#?(\d{1,10})$/.exec(word)?.[1]);
  if (Number.isInteger(number)) return number;
  throw new AppError("usage", `'${word}' is not the number of a snapshot.`, {
    hint: "'history' lists them.",
  });
}

/** What has to change; in each item, the version to go back to stands for the storage's. */
function compareAll(
  { selection }: SettingsContext,
  { plan, remote, local }: Survey,
  target: FileTable<RemoteFile>,
): Action[] {
  const unreadable = listUnreadable(plan.leftOut);
  const paths = [
    ...new Set([...local.files.keys(), ...remote.files.keys(), ...target.keys()]),
  ].sort();
  return paths.flatMap((path): Action[] => {
    const isLeft = judgePath(path, selection) !== undefined;
    if (isLeft || findCover(path, unreadable) !== undefined) return [];
    const [wanted, mine] = [target.get(path), local.files.get(path)];
    const isWrittenHere = !isSameState(mine, wanted);
    const isWrittenThere = !isSameState(remote.files.get(path), wanted);
    if (!isWrittenHere && !isWrittenThere) return [];
    const item: PlanItem = {
      path,
      verdict: "pull",
      change: wanted === undefined ? "delete" : mine === undefined ? "add" : "change",
      base: remote.files.get(path),
      local: mine,
      remote: wanted,
    };
    return [{ item, winner: "remote", isWrittenHere, isWrittenThere }];
  });
}

function listQuestions(actions: readonly Action[], { plan }: Survey): Question[] {
  const lost = actions.filter(
    ({ item, isWrittenHere }) =>
      isWrittenHere && item.local !== undefined && !isSameState(item.local, item.base),
  );
  const paths = lost.map(({ item }) => item.path);
  return [
    ...(paths.length > 0 ? [{ kind: "unsaved", paths } as const] : []),
    ...askAboutDeletions(actions, plan),
  ];
}
