import type { Action, Proposal, Question } from "./actions.ts";
import { isDeletion } from "./actions.ts";
import type { LeftOut, Plan, PlanItem } from "./plan.ts";
import { toPrintable } from "./printable.ts";
import type { SecretFinding } from "./secrets/find-secrets.ts";

const here = { add: "new here", change: "changed here", delete: "deleted here" } as const;
const there = {
  add: "new in the storage",
  change: "changed in the storage",
  delete: "deleted in the storage",
} as const;

/** A line for each file on which the sides differ. */
export function describeItems(items: readonly PlanItem[]): string[] {
  const shown = items.filter(({ verdict }) => verdict !== "agreed");
  return alignRows(shown.map((item) => [markOf(item), printable(item.path), describeItem(item)]));
}

function markOf({ verdict }: PlanItem): string {
  return { push: "↑", pull: "↓", merge: "↕", conflict: "!", blocked: "✗", agreed: "=" }[verdict];
}

function describeItem({ verdict, change, why = "" }: PlanItem): string {
  switch (verdict) {
    case "push":
      return here[change];
    case "pull":
      return there[change];
    case "merge":
      return "changed on both sides, goes together";
    case "conflict":
      return `conflict: ${printable(why)}`;
    case "blocked":
      return `${there[change]}, can't come here: ${printable(why)}`;
    default:
      return "the same on both sides";
  }
}

/** A line for each thing that is done. */
export function describeActions(actions: readonly Action[]): string[] {
  return alignRows(
    actions.map((action) => {
      const { item, isWrittenHere, isWrittenThere } = action;
      const mark = isWrittenHere && isWrittenThere ? "↕" : isWrittenHere ? "↓" : "↑";
      const where = isWrittenHere ? (isWrittenThere ? "on both sides" : "here") : "in the storage";
      const verb = isDeletion(action)
        ? "deleted"
        : action.winner === "merged"
          ? "merged"
          : (isWrittenHere ? item.local : item.remote) === undefined
            ? "added"
            : "replaced";
      return [mark, printable(item.path), `${verb} ${where}`];
    }),
  );
}

/** `↑2 ↓1`, or `conflict`: how both sides stand, in the least space. Undefined where they agree. */
export function describeShortly({ items }: Plan): string | undefined {
  const count = (...verdicts: PlanItem["verdict"][]): number =>
    items.filter(({ verdict }) => verdicts.includes(verdict)).length;
  if (count("conflict") > 0) return "conflict";
  const [up, down] = [count("push", "merge"), count("pull", "merge")];
  return [up > 0 && `↑${up}`, down > 0 && `↓${down}`].filter(Boolean).join(" ") || undefined;
}

/** The same for pi's footer: `settings ↑2 ↓1`, or `settings: conflict`. */
export function describeForFooter(plan: Plan): string | undefined {
  const short = describeShortly(plan);
  if (short === undefined) return undefined;
  return short === "conflict" ? "settings: conflict" : `settings ${short}`;
}

/** What has to be asked before, a sentence each. */
export function describeQuestions({ questions, conflicts }: Proposal): string[] {
  return [
    ...questions.map(describeQuestion),
    ...conflicts.map(
      ({ path, why = "" }) => `${printable(path)} stays as it is, in conflict: ${printable(why)}`,
    ),
  ];
}

function describeQuestion(question: Question): string {
  switch (question.kind) {
    case "choice":
      return "Both sides have settings already. Those that differ are replaced; a backup of this machine's is kept.";
    case "conflicts":
      return `Decided for one side: ${question.paths.map(printable).join(", ")}`;
    case "unsaved":
      return `Changed on this machine and never pushed, replaced (a backup is kept): ${question.paths.map(printable).join(", ")}`;
    default: {
      const { side, count, of } = question;
      return `${count} of ${of} files are deleted ${side === "here" ? "on this machine" : "in the storage, and so on all machines"}!`;
    }
  }
}

/** What can't be written on this machine, and why. */
export function describeBlocked({ blocked = [] }: Proposal): string[] {
  return alignRows(
    blocked.map(({ path, reason }) => [
      "✗",
      printable(path),
      `can't come here: ${printable(reason)}`,
    ]),
  );
}

/** What is not synced, and why. */
export function describeLeftOut(leftOut: readonly Omit<LeftOut, "isThere">[]): string[] {
  return alignRows(leftOut.map(({ path, reason }) => ["-", printable(path), printable(reason)]));
}

/** Where secrets stand, and how to let one pass that is none. */
export function describeFindings(findings: readonly SecretFinding[]): string[] {
  return findings.map(
    ({ id, path, line, column, rule, confidence, start }) =>
      `${printable(path)}:${line}:${column}  ${rule}${confidence === "medium" ? " (perhaps)" : ""}  ${printable(start)}  allow ${id}`,
  );
}

/** What a person has to know of a storage that can't create exclusively. */
export const degradedNote =
  "This storage can't keep two machines from writing at once (it ignores If-None-Match): sync one machine at a time.";

/** A text that others chose, safe to show in one line. */
export function printable(text: string): string {
  return toPrintable(text.replaceAll(/\s+/g, " "));
}

const pathWidthMax = 48;

/** Rows of mark, path and text with the texts under each other. */
function alignRows(rows: readonly (readonly [string, string, string])[]): string[] {
  const width = Math.min(pathWidthMax, Math.max(0, ...rows.map(([, path]) => path.length)));
  return rows.map(([mark, path, text]) => `${mark} ${path.padEnd(width)}  ${text}`);
}
