import { AppError } from "../../errors.ts";
import type { SettingsContext } from "../context.ts";
import type { PlanItem } from "../plan.ts";
import { findConflicts, resolveConflict } from "../resolve.ts";
import type { Side } from "../resolve.ts";
import { describeItems, printable } from "../words.ts";
import type { CommandOptions, Dialogue, Report } from "./dialogue.ts";
import { showDiff } from "./show.ts";

/** `resolve [PATH mine|theirs]`: decides conflicts; without words, asks for each. */
export async function resolve(
  context: SettingsContext,
  dialogue: Dialogue,
  options: CommandOptions,
): Promise<Report> {
  const { signal } = options;
  const conflicts = await findConflicts(context, signal);
  const decisions = await decide(context, conflicts, dialogue, options);
  const resolved: { path: string; side: Side }[] = [];
  let wantsReload = false;
  for (const [item, side] of decisions) {
    const executed = await resolveConflict(context, item, side, signal);
    wantsReload ||= executed !== undefined;
    resolved.push({ path: item.path, side });
  }
  const open = conflicts.filter(({ path }) => !resolved.some((done) => done.path === path));
  return {
    lines: [
      ...resolved.map(({ path, side }) => describeResolved(path, side)),
      ...describeItems(open),
      ...(conflicts.length === 0 ? ["There is no conflict."] : []),
      ...(open.length > 0 ? [howTo] : []),
    ],
    outcome: open.length > 0 ? "attention" : "well",
    wantsReload,
    document: { resolved, conflicts: open.map(({ path, why }) => ({ path, why })) },
  };
}

const howTo =
  "'resolve PATH mine' keeps this machine's version, 'resolve PATH theirs' the storage's.";

async function decide(
  context: SettingsContext,
  conflicts: readonly PlanItem[],
  dialogue: Dialogue,
  options: CommandOptions,
): Promise<Map<PlanItem, Side>> {
  const [path, side] = options.words;
  if (path !== undefined) return new Map([[find(conflicts, path), parseSide(side)]]);
  const decisions = new Map<PlanItem, Side>();
  if (!dialogue.isInteractive) return decisions;
  for (const item of conflicts) {
    let choice = await ask(item, dialogue);
    while (choice === "diff") {
      const { lines } = await showDiff(context, { ...options, words: [item.path] });
      dialogue.say(lines.slice(1).join("\n").trimEnd());
      choice = await ask(item, dialogue);
    }
    if (choice === undefined) break;
    if (choice !== "later") decisions.set(item, choice);
  }
  return decisions;
}

const choices = [
  { value: "mine", label: "Keep this machine's version, with what I made of it" },
  { value: "theirs", label: "Take the storage's version; a backup of this machine's is kept" },
  { value: "diff", label: "Show the difference" },
  { value: "later", label: "Decide later" },
] as const;

function ask(
  item: PlanItem,
  dialogue: Dialogue,
): Promise<(typeof choices)[number]["value"] | undefined> {
  const [line = item.path] = describeItems([item]);
  return dialogue.choose(line, choices);
}

function find(conflicts: readonly PlanItem[], path: string): PlanItem {
  const item = conflicts.find((conflict) => conflict.path === path);
  if (item) return item;
  const paths = conflicts.map(({ path }) => printable(path)).join(", ");
  throw new AppError("usage", `${printable(path)} is not in conflict.`, {
    hint: paths === "" ? "Nothing is." : `These are: ${paths}.`,
  });
}

function parseSide(word: string | undefined): Side {
  if (word === "mine" || word === "theirs") return word;
  throw new AppError("usage", "Say whose version stays: 'mine' or 'theirs'.", { hint: howTo });
}

function describeResolved(path: string, side: Side): string {
  return side === "mine"
    ? `${printable(path)} stays as it is here; 'sync' sends it.`
    : `${printable(path)} is the storage's now.`;
}
