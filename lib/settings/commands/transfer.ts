import { AppError } from "../../errors.ts";
import type { Operation, Proposal } from "../actions.ts";
import { isDeletion } from "../actions.ts";
import type { Applied } from "../apply/place.ts";
import type { SettingsContext } from "../context.ts";
import type { CommitTitle, Executed } from "../execute.ts";
import { prepare, runOperation } from "../run.ts";
import type { Attempt, Outcome, Planner, Review } from "../run.ts";
import {
  describeActions,
  describeBlocked,
  describeFindings,
  describeItems,
  describeQuestions,
  printable,
} from "../words.ts";
import type { CommandOptions, Dialogue, Report } from "./dialogue.ts";

/** What a person can ask for. */
export type Transfer = Exclude<Operation, "automatic">;

/** `push`, `pull` and `sync`: plans, shows, asks, does. */
export async function transfer(
  context: SettingsContext,
  operation: Transfer,
  dialogue: Dialogue,
  options: CommandOptions,
): Promise<Report> {
  const plan = (): Promise<Attempt> =>
    prepare(context, operation, { isForced: options.force, signal: options.signal });
  return carryOut(context, { kind: operation }, plan, dialogue, options);
}

/** Does what a planner plans, after a person has looked at it; only shows it with `--dry-run`. */
export async function carryOut(
  context: SettingsContext,
  title: CommitTitle,
  plan: Planner,
  dialogue: Dialogue,
  options: CommandOptions,
): Promise<Report> {
  if (options.dryRun) {
    const attempt = await plan();
    const kind = attempt.stop ? "stopped" : attempt.steps.length > 0 ? "planned" : "nothing";
    return report(title, { ...attempt, kind, copies: [] });
  }
  const question = `${capitalize(nameOf(title))}?`;
  const review = (asked: Review): Promise<boolean> =>
    reviewWith(dialogue, options, question, asked);
  const { signal } = options;
  const outcome = await runOperation(context, title, plan, { review, signal });
  return report(title, outcome);
}

/**
 * Has a person look at what is about to happen. `--yes` answers for them, but neither for what may be
 * a secret, nor, without `--force`, for many deletions.
 *
 * @throws AppError "usage" or "refused" where nobody is there to ask
 */
async function reviewWith(
  dialogue: Dialogue,
  { yes, force }: Pick<CommandOptions, "yes" | "force">,
  question: string,
  { proposal, findings }: Review,
): Promise<boolean> {
  const isGrave = proposal.questions.some(({ kind }) => kind === "deletions") && !force;
  if (!dialogue.isInteractive) {
    requireConsent(yes, isGrave, proposal, findings);
    return true;
  }
  if (findings.length > 0) {
    const lines = describeFindings(findings);
    const isSure = await dialogue.confirm(
      "These may be secrets. Send them all the same?",
      lines,
      true,
    );
    if (!isSure) return false;
  }
  if (yes && !isGrave) return true;
  const details = [...describeActions(proposal.actions), ...describeQuestions(proposal)];
  return dialogue.confirm(question, details, isGrave);
}

function requireConsent(
  yes: boolean,
  isGrave: boolean,
  proposal: Proposal,
  findings: Review["findings"],
): void {
  if (findings.length > 0) {
    throw new AppError(
      "refused",
      ["What may be secrets:", ...describeFindings(findings)].join("\n"),
      {
        hint: "'allow' each that is none, or run this in a terminal to be asked.",
      },
    );
  }
  if (!yes) {
    throw new AppError("usage", "There is nobody to ask.", {
      hint: "--yes goes on without asking; --dry-run shows what would be done.",
    });
  }
  if (isGrave) {
    throw new AppError("refused", describeQuestions(proposal).join("\n"), {
      hint: "If that is right, add --force. To get back what this machine has lost: pull --force.",
    });
  }
}

/** What came of an operation, for people and programs. */
type Reported = Omit<Outcome, "kind"> & { kind: Outcome["kind"] | "planned" };

function report(title: CommitTitle, outcome: Reported): Report {
  const { kind, proposal, findings, stop, executed, copies } = outcome;
  const { conflicts } = proposal;
  const { blocked = [] } = proposal;
  const isOpen = stop !== undefined || conflicts.length > 0 || blocked.length > 0;
  const lines = describeOutcome(title, outcome);
  return {
    lines: [...lines, ...copies.map((copy) => `The storage's version is in ${printable(copy)}.`)],
    outcome: kind === "declined" ? "declined" : isOpen ? "attention" : "well",
    wantsReload: executed !== undefined && hasTaken(executed.applied),
    document: {
      operation: title.kind,
      outcome: kind,
      commit: executed?.published ?? null,
      actions: proposal.actions.map((action) => ({
        path: action.item.path,
        change: isDeletion(action) ? "delete" : "write",
        version: action.winner,
        here: action.isWrittenHere,
        storage: action.isWrittenThere,
      })),
      conflicts: conflicts.map(({ path, why }) => ({ path, why })),
      copies,
      blocked,
      skipped: executed?.applied.skipped ?? [],
      backup: executed?.applied.backupDir ?? null,
      findings,
      stop: stop ?? null,
    },
  };
}

function hasTaken({ written, deleted }: Applied): boolean {
  return written.length + deleted.length > 0;
}

function describeOutcome(title: CommitTitle, outcome: Reported): string[] {
  const { kind, seen, proposal, findings, stop, executed } = outcome;
  if (stop) {
    const isAboutSecrets = stop.reason === "secrets";
    const items = isAboutSecrets ? describeFindings(findings) : describeItems(seen.plan.items);
    return [stop.message, ...items, stop.hint];
  }
  if (kind === "declined") return ["Nothing was changed."];
  const actions = describeActions(proposal.actions);
  if (kind === "planned") {
    return [
      `${capitalize(nameOf(title))} would do this:`,
      ...actions,
      ...describeQuestions(proposal),
    ];
  }
  const { conflicts } = proposal;
  return [
    ...(executed ? [...actions, ...describeExecuted(executed)] : [sayNothing(title, outcome)]),
    ...describeBlocked(proposal),
    ...describeItems(conflicts),
    ...(conflicts.length > 0 ? ["'resolve' decides which version stays."] : []),
  ];
}

function sayNothing(title: CommitTitle, { seen, proposal }: Reported): string {
  if (title.kind === "rollback") return "Both sides are as they were then.";
  const rest = seen.plan.items.filter(({ verdict }) => verdict !== "agreed").length;
  if (rest === 0) return "This machine and the storage have the same settings.";
  if (proposal.conflicts.length === rest) return `There is nothing else to ${title.kind}.`;
  return `There is nothing to ${title.kind}; 'status' shows what else waits.`;
}

function describeExecuted({ published, applied }: Executed): string[] {
  return [
    ...applied.skipped.map(({ path, reason }) => `✗ ${printable(path)} was left: ${reason}`),
    ...(published === undefined ? [] : [`Stored as #${published}.`]),
    ...(applied.backupDir === undefined ? [] : [`What was replaced is in ${applied.backupDir}`]),
  ];
}

function nameOf({ kind, note }: CommitTitle): string {
  return note === undefined ? kind : `${kind} ${note}`;
}

function capitalize(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
