import type { SettingsContext } from "../context.ts";
import type { PlanItem } from "../plan.ts";
import type { LocalView } from "../local-view.ts";
import { renderDiff } from "../render-diff.ts";
import { survey } from "../survey.ts";
import type { Survey } from "../survey.ts";
import { degradedNote, describeItems, describeLeftOut, printable } from "../words.ts";
import type { CommandOptions, Report } from "./dialogue.ts";

/** `status`: how both sides stand. Changes nothing. */
export async function showStatus(
  context: SettingsContext,
  { signal }: CommandOptions,
): Promise<Report> {
  const seen = await survey(context, signal);
  const { plan, remote, lost } = seen;
  const items = plan.items.filter(({ verdict }) => verdict !== "agreed");
  const hasConflict = items.some(({ verdict }) => verdict === "conflict");
  return {
    lines: [
      `${context.store.name}, profile ${context.config.profile}: ${describeHead(seen)}`,
      ...(context.createMode() === "degraded" ? [degradedNote] : []),
      ...describeLoss(seen),
      ...(items.length === 0 ? ["This machine and the storage have the same settings."] : []),
      ...describeItems(items),
      ...(plan.needsChoice ? [choiceNote] : []),
      ...section("Left out:", describeLeftOut(plan.leftOut)),
      ...section("In the storage, and not for this machine:", describeLeftOut(plan.notHere)),
    ],
    outcome: hasConflict || plan.needsChoice || lost !== undefined ? "attention" : "well",
    document: {
      storage: context.store.name,
      profile: context.config.profile,
      commit: remote.head?.number ?? null,
      createMode: context.createMode() ?? null,
      needsChoice: plan.needsChoice,
      lost: lost ?? null,
      files: { here: plan.localCount, storage: plan.remoteCount },
      items: items.map(({ path, verdict, change, why }) => ({ path, verdict, change, why })),
      leftOut: plan.leftOut.map(({ path, reason }) => ({ path, reason })),
      notHere: plan.notHere,
    },
  };
}

const choiceNote =
  "Both sides have settings already: 'pull' takes the storage's, 'push' takes this machine's.";

function describeHead({ remote, plan }: Survey): string {
  const files = plan.remoteCount === 1 ? "1 file" : `${plan.remoteCount} files`;
  if (remote.head) return `#${remote.head.number}, ${files}`;
  return plan.remoteCount > 0 ? `a snapshot of pi-sync 0.1, ${files}` : "empty";
}

function describeLoss({ lost }: Survey): string[] {
  switch (lost) {
    case "storage is empty":
      return ["The storage is empty, though this machine has synced with it before."];
    case "log was rewritten":
      return ["The storage's history is not the one that this machine synced with."];
    case "nothing is here":
      return ["This machine has lost its files: 'pull' brings them back."];
    default:
      return [];
  }
}

/** `diff`: what syncing would change, line by line. Changes nothing. */
export async function showDiff(
  context: SettingsContext,
  { words: [only], signal }: CommandOptions,
): Promise<Report> {
  const { plan, local } = await survey(context, signal);
  const items = plan.items.filter(
    ({ path, verdict }) => verdict !== "agreed" && (only === undefined || path === only),
  );
  const remotes = items.flatMap(({ remote }) => remote ?? []);
  const contents = await context.log.readContents(remotes, signal);
  const diffs = await Promise.all(items.map((item) => diffOf(local, item, contents)));
  const shown = describeItems(items);
  return {
    lines:
      items.length === 0
        ? ["There is no difference."]
        : diffs.flatMap((diff, index) => [shown[index] ?? "", ...diff.split("\n")]),
    outcome: "well",
    document: {
      files: items.map(({ path, verdict, why }, index) => ({
        path,
        verdict,
        why,
        diff: diffs[index],
      })),
    },
  };
}

/** How the side that takes a file changes; of a conflict, from the storage's version to this machine's. */
async function diffOf(
  view: LocalView,
  { path, verdict, remote, merged }: PlanItem,
  contents: ReadonlyMap<string, Uint8Array>,
): Promise<string> {
  const theirs = remote && contents.get(remote.sha256);
  const mine = (await view.read(path))?.content;
  if (verdict === "merge") return renderDiff(path, mine, merged?.content);
  return verdict === "pull" || verdict === "blocked"
    ? renderDiff(path, mine, theirs)
    : renderDiff(path, theirs, mine);
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [printable(title), ...lines];
}
