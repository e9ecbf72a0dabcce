import { AppError } from "../errors.ts";
import { must } from "../assert.ts";
import { fingerprint, isDeletion, propose } from "./actions.ts";
import type { Action, Operation, Proposal } from "./actions.ts";
import { recoverApply } from "./apply/recover.ts";
import { copyConflicts } from "./conflict-copies.ts";
import type { SettingsContext } from "./context.ts";
import { execute, saveAgreement } from "./execute.ts";
import type { CommitTitle, Executed, Step } from "./execute.ts";
import { withSettingsLock } from "./lock.ts";
import type { LocalView } from "./local-view.ts";
import { searchSteps } from "./secrets/search-steps.ts";
import type { SecretFinding } from "./secrets/find-secrets.ts";
import { setAside } from "./set-aside.ts";
import { survey } from "./survey.ts";
import type { Survey } from "./survey.ts";

/** What an operation is about to do, for a person to look at. */
export interface Review {
  readonly seen: Survey;
  readonly proposal: Proposal;
  /** What may be secrets; those that surely are stop everything. */
  readonly findings: readonly SecretFinding[];
}

/** How an operation is run. */
export interface RunOptions {
  /** Asked before anything is changed, and again where another machine was faster and it is not the same any more. */
  review: (review: Review) => Promise<boolean>;
  signal: AbortSignal;
}

/** Why an operation did nothing. */
export interface Stop {
  reason: "choice" | "conflict" | "deletions" | "secrets" | "storage is empty";
  message: string;
  hint: string;
}

/** What came of an operation. */
export interface Outcome {
  readonly kind: "done" | "nothing" | "declined" | "stopped";
  readonly seen: Survey;
  readonly proposal: Proposal;
  readonly findings: readonly SecretFinding[];
  readonly stop?: Stop;
  readonly executed?: Executed;
  /** Where the storage's versions of conflicts were put, beside their files. */
  readonly copies: readonly string[];
}

/** So often another machine may be faster, and so long is waited then, at most. */
const racesMax = 20;
const raceWaitMs = 200;

/** Plans an operation, as often as it has to be. */
export type Planner = () => Promise<Attempt>;

/**
 * Runs an operation under this machine's lock: plans, shows, publishes, applies. Where another machine
 * publishes first, it plans again. A sync puts the other side of conflicts beside their files.
 *
 * @throws LockedError where another process syncs; AppError where the storage, or the agent
 * directory, can't be used
 */
export async function runOperation(
  context: SettingsContext,
  title: CommitTitle,
  plan: Planner,
  options: RunOptions,
): Promise<Outcome> {
  const { place, lock } = context;
  return withSettingsLock(lock(title.kind), async () => {
    await recoverApply(place);
    const outcome = await attemptOften(context, title, plan, options);
    const isSync = outcome.kind === "done" || outcome.kind === "nothing";
    if (title.kind !== "sync" || !isSync) return outcome;
    const remote = outcome.executed?.remote ?? outcome.seen.remote;
    const { conflicts } = outcome.proposal;
    return { ...outcome, copies: await copyConflicts(context, remote, conflicts, options.signal) };
  });
}

async function attemptOften(
  context: SettingsContext,
  title: CommitTitle,
  plan: Planner,
  { review, signal }: RunOptions,
): Promise<Outcome> {
  let agreedTo: string | undefined;
  for (let races = 0; races < racesMax; races++) {
    const attempt = await plan();
    if (attempt.stop || attempt.steps.length === 0) return finish(context, attempt);
    const mark = markOf(attempt);
    if (mark !== agreedTo && !(await review(attempt))) return end("declined", attempt);
    agreedTo = mark;
    const executed = await execute(context, attempt.seen, attempt.steps, title, signal);
    if (executed) return { ...end("done", attempt), executed };
    await context.clock.sleep(context.clock.random() * raceWaitMs * (races + 1), signal);
  }
  throw new AppError("network", "Other machines keep publishing at the same time.", {
    hint: "Try again in a while. Nothing was changed.",
  });
}

/** What an operation would do, with the contents that it takes. */
export interface Attempt extends Review {
  readonly steps: readonly Step[];
  readonly stop?: Stop;
}

/** How an operation is planned. */
export interface PrepareOptions {
  /** Push and pull decide conflicts for their side. */
  isForced: boolean;
  signal: AbortSignal;
}

/** Plans an operation; nothing is changed. This is its dry run. */
export async function prepare(
  context: SettingsContext,
  operation: Operation,
  { isForced, signal }: PrepareOptions,
): Promise<Attempt> {
  const seen = await survey(context, signal);
  const planned = propose(seen.plan, operation, isForced);
  const wanted = await gatherSteps(context, seen, planned.actions, signal);
  const { proposal, steps } = await setAside(context, { proposal: planned, steps: wanted });
  const findings = await searchSteps(context, steps);
  const stop = findStop(operation, seen, proposal, findings);
  return { seen, proposal, steps, findings, ...(stop && { stop }) };
}

async function gatherSteps(
  context: SettingsContext,
  { local, scanned }: Survey,
  actions: readonly Action[],
  signal: AbortSignal,
): Promise<Step[]> {
  const wanted = actions.flatMap(({ item, winner }) =>
    winner === "remote" && item.remote ? [item.remote] : [],
  );
  const contents = await context.log.readContents(wanted, signal);
  const steps: Step[] = [];
  for (const action of actions) {
    const { item, isWrittenHere, isWrittenThere } = action;
    const file = isDeletion(action) ? undefined : await readWinner(local, action, contents);
    const { path } = item;
    steps.push({ path, local: scanned.get(path), file, isWrittenHere, isWrittenThere });
  }
  return steps;
}

async function readWinner(
  view: LocalView,
  { item, winner }: Action,
  contents: ReadonlyMap<string, Uint8Array>,
): Promise<{ content: Uint8Array; isExecutable: boolean }> {
  if (winner === "merged") {
    const { content, state } = must(item.merged, "the merge");
    return { content, isExecutable: state.isExecutable };
  }
  const state = must(item[winner], "the version that wins");
  if (winner === "remote") {
    const content = must(contents.get(state.sha256), "a content that was read");
    return { content, isExecutable: state.isExecutable };
  }
  const mine = await view.read(item.path);
  if (mine?.state.sha256 !== state.sha256) {
    throw new AppError("io", `${item.path} changed while it was read.`, { hint: "Try again." });
  }
  return { content: mine.content, isExecutable: state.isExecutable };
}

function findStop(
  operation: Operation,
  seen: Survey,
  { conflicts, obstacle, questions }: Proposal,
  findings: readonly SecretFinding[],
): Stop | undefined {
  const isAutomatic = operation === "automatic";
  if (obstacle) return { reason: "choice", ...obstacle };
  if (isAutomatic && conflicts.length > 0) {
    const message = `Changed here and in the storage: ${conflicts.map(({ path }) => path).join(", ")}.`;
    return { reason: "conflict", message, hint: "'resolve' decides which version stays." };
  }
  if (isAutomatic && seen.lost === "storage is empty") {
    const message = "The storage is empty, though this machine has synced with it before.";
    return {
      reason: "storage is empty",
      message,
      hint: "If that is right, 'push' fills it again.",
    };
  }
  const isRefused = ({ confidence }: SecretFinding): boolean =>
    isAutomatic || confidence === "high";
  if (findings.some(isRefused)) {
    return {
      reason: "secrets",
      message: "Nothing was sent: what would be pushed holds secrets.",
      hint: "Take them out of the files (\"$NAME\" of a variable will do), or 'allow' a finding that is none.",
    };
  }
  if (isAutomatic && questions.length > 0) {
    const message = "More files would be deleted than is done without asking.";
    return { reason: "deletions", message, hint: "Look at 'status', then run 'sync' yourself." };
  }
  return undefined;
}

function markOf({ proposal, findings }: Review): string {
  return JSON.stringify([fingerprint(proposal), findings.map(({ id }) => id)]);
}

/** Notes on what both sides agree, where that is all there is to do. */
async function finish(context: SettingsContext, attempt: Attempt): Promise<Outcome> {
  if (attempt.stop) return end("stopped", attempt);
  // That this machine has synced with a storage that is empty now is not to be forgotten.
  if (attempt.seen.lost !== "storage is empty") {
    await saveAgreement(context, attempt.seen, attempt.seen.remote);
  }
  return end("nothing", attempt);
}

function end(kind: Outcome["kind"], attempt: Attempt): Outcome {
  const { seen, proposal, findings, stop } = attempt;
  return { kind, seen, proposal, findings, copies: [], ...(stop && { stop }) };
}
