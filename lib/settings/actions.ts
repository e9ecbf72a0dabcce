import { must } from "../assert.ts";
import type { Plan, PlanItem } from "./plan.ts";

/** What a person, or pi's start, asks for. */
export type Operation = "push" | "pull" | "sync" | "automatic";

/** Whose version a file gets. */
export type Winner = "local" | "remote" | "merged";

/** What is done to a file, at one side or both. */
export interface Action {
  readonly item: PlanItem;
  readonly winner: Winner;
  readonly isWrittenHere: boolean;
  readonly isWrittenThere: boolean;
}

/** Something that is only done when a person says so. */
export type Question =
  /** The first sync of two sides that differ: whose version wins. */
  | { kind: "choice" }
  /** More deletions than a slip of the hand. */
  | { kind: "deletions"; side: "here" | "storage"; count: number; of: number }
  /** Conflicts that `--force` decides for one side. */
  | { kind: "conflicts"; paths: readonly string[] }
  /** Changes of this machine that are in no commit, and would go. */
  | { kind: "unsaved"; paths: readonly string[] };

/** What an operation would do, and what has to be asked before. */
export interface Proposal {
  readonly actions: readonly Action[];
  readonly questions: readonly Question[];
  /** Conflicts that stay. */
  readonly conflicts: readonly PlanItem[];
  /** What can't be written on this machine, and why. */
  readonly blocked?: readonly { path: string; reason: string }[];
  /** Why nothing can be done at all, for a person. */
  readonly obstacle?: { message: string; hint: string };
}

/** Up to so many files, and up to a third of all, are deleted without asking. */
const deletionsMax = 5;

/**
 * What an operation does of a plan. With `isForced`, push and pull decide conflicts for their side,
 * which the questions name.
 */
export function propose(plan: Plan, operation: Operation, isForced: boolean): Proposal {
  const conflicts = plan.items.filter(({ verdict }) => verdict === "conflict");
  if (plan.needsChoice && (operation === "sync" || operation === "automatic")) {
    return { actions: [], questions: [], conflicts, obstacle: choiceNeeded };
  }
  if (operation === "automatic" && conflicts.length > 0) {
    return { actions: [], questions: [], conflicts };
  }
  const decides = whatIsDecided(plan, operation, isForced);
  const decided = decides === "conflicts" ? conflicts : [];
  const actions = plan.items.flatMap((item) => actOn(item, operation, decides));
  return {
    actions,
    questions: [
      ...(plan.needsChoice && actions.length > 0 ? [{ kind: "choice" } as const] : []),
      ...(decided.length > 0
        ? [{ kind: "conflicts", paths: decided.map(({ path }) => path) } as const]
        : []),
      ...askAboutDeletions(actions, plan),
    ],
    conflicts: decides === "nothing" ? conflicts : [],
  };
}

const choiceNeeded = {
  message: "This machine and the storage both have settings already, and they differ.",
  hint: "Look at 'diff', then choose: 'pull' takes the storage's, 'push' takes this machine's.",
};

/** What push and pull decide for their side: on a first sync, whatever differs. */
type Decision = "nothing" | "conflicts" | "all";

function whatIsDecided(plan: Plan, operation: Operation, isForced: boolean): Decision {
  if (operation !== "push" && operation !== "pull") return "nothing";
  if (plan.needsChoice) return "all";
  return isForced ? "conflicts" : "nothing";
}

function actOn(item: PlanItem, operation: Operation, decides: Decision): Action[] {
  const pushes = operation !== "pull";
  const pulls = operation !== "push";
  const here = { item, isWrittenHere: true, isWrittenThere: false };
  const there = { item, isWrittenHere: false, isWrittenThere: true };
  switch (item.verdict) {
    case "push":
      if (pushes) return [{ ...there, winner: "local" }];
      // What was lost here comes back, if the storage is to win.
      return decides !== "nothing" && item.local === undefined
        ? [{ ...here, winner: "remote" }]
        : [];
    case "pull":
      return pulls ? [{ ...here, winner: "remote" }] : [];
    case "merge":
      if (decides === "all" && !isSameContent(item)) return decide(item, operation);
      if (!pulls) return decides === "all" ? decide(item, operation) : [];
      // A merge that is only pulled is a change of this machine from then on.
      return [{ ...here, winner: "merged", isWrittenThere: pushes }];
    case "conflict":
      return decides === "nothing" ? [] : decide(item, operation);
    default:
      return [];
  }
}

/** Of two versions, that of the side that pushes, or is pulled from. */
function decide(item: PlanItem, operation: Operation): Action[] {
  return operation === "push"
    ? [{ item, winner: "local", isWrittenHere: false, isWrittenThere: true }]
    : [{ item, winner: "remote", isWrittenHere: true, isWrittenThere: false }];
}

/** Whether the permissions alone differ, which pi-sync 0.1 does not store: none is taken away for that. */
function isSameContent({ local, remote }: PlanItem): boolean {
  return local?.sha256 === remote?.sha256;
}

/** Asks about deletions where there are many. */
export function askAboutDeletions(actions: readonly Action[], plan: Plan): Question[] {
  const here = actions.filter((action) => action.isWrittenHere && isDeletion(action));
  const there = actions.filter((action) => action.isWrittenThere && isDeletion(action));
  const sides = [
    { side: "here", count: here.length, of: plan.localCount },
    // Of the files that this machine takes: that others have more does not make its slip smaller.
    { side: "storage", count: there.length, of: plan.remoteCount - plan.notHere.length },
  ] as const;
  return sides.flatMap(({ side, count, of }): Question[] =>
    count > deletionsMax || count > of / 3 ? [{ kind: "deletions", side, count, of }] : [],
  );
}

/** Whether the version that wins is that there is no file. */
export function isDeletion({ item, winner }: Action): boolean {
  if (winner === "merged") return false;
  return item[winner] === undefined;
}

/** Marks what an operation does, so that another plan's can be told from what was agreed to. */
export function fingerprint({ actions }: Proposal): string {
  return JSON.stringify(
    actions.map(({ item, winner, isWrittenHere, isWrittenThere }) => [
      item.path,
      winner,
      isWrittenHere,
      isWrittenThere,
      winner === "merged" ? must(item.merged, "the merge").state.sha256 : item[winner]?.sha256,
      item.remote?.sha256,
    ]),
  );
}
