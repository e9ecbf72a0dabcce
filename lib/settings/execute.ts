import type { SettingsContext } from "./context.ts";
import type { FileState, RemoteFile } from "./file-state.ts";
import { isSameState } from "./file-state.ts";
import { applyChanges } from "./apply/apply.ts";
import type { Applied, FileChange } from "./apply/place.ts";
import type { CommitKind } from "./remote/commit.ts";
import type { RemoteState } from "./remote/state.ts";
import { judgePath } from "./selection.ts";
import { saveState } from "./state.ts";
import type { Survey } from "./survey.ts";

/** What a file is to be, at one side or both. */
export interface Step {
  readonly path: string;
  /** What the file is here now. */
  readonly local: FileState | undefined;
  /** Undefined deletes it. */
  readonly file: { content: Uint8Array; isExecutable: boolean } | undefined;
  readonly isWrittenHere: boolean;
  readonly isWrittenThere: boolean;
}

/** What came of steps. */
export interface Executed {
  remote: RemoteState;
  /** The number of the commit that was made; undefined where the storage had nothing to take. */
  published: number | undefined;
  applied: Applied;
}

/** How a commit is to be called. */
export interface CommitTitle {
  kind: CommitKind;
  note?: string;
}

/**
 * Publishes, then applies, then notes what both sides agree on, in this order: what is cut off in
 * between is seen as agreed, or done, by the next sync. Undefined where another machine was faster,
 * and nothing has happened.
 */
export async function execute(
  context: SettingsContext,
  seen: Survey,
  steps: readonly Step[],
  title: CommitTitle,
  signal: AbortSignal,
): Promise<Executed | undefined> {
  const there = steps.filter((step) => step.isWrittenThere);
  const remote =
    there.length === 0 ? seen.remote : await publish(context, seen, there, title, signal);
  if (remote === undefined) return undefined;
  const here = steps.filter((step) => step.isWrittenHere);
  // What was seen is agreed to; to tear it apart now would help nobody.
  const applied = await applyChanges(context.place, here.map(toChange));
  const skipped = applied.skipped.map(({ path }) => path);
  const done = steps.map(({ path }) => path);
  await saveAgreement(context, seen, remote, { done, skipped });
  // What is old is removed the next time, if not now.
  if (there.length > 0) await context.log.prune(remote, signal).catch(() => {});
  return { remote, published: there.length === 0 ? undefined : remote.head?.number, applied };
}

/** A step as a change on this machine. */
export function toChange({ path, local, file }: Step): FileChange {
  return { path, before: local, after: file };
}

async function publish(
  context: SettingsContext,
  seen: Survey,
  steps: readonly Step[],
  { kind, note }: CommitTitle,
  signal: AbortSignal,
): Promise<RemoteState | undefined> {
  const createMode = await context.ensureCreateMode(signal);
  if (createMode !== seen.state.createMode) await saveState(context, seen.state, { createMode });
  const result = await context.log.publish(
    {
      parent: seen.remote,
      kind,
      machine: context.config.machine,
      changes: new Map(steps.map(({ path, file }) => [path, file])),
      ...(note !== undefined && { note }),
    },
    signal,
  );
  // What this machine agreed to is not in the log any more: the next plan is that of a first sync.
  if ("isLost" in result)
    await saveState(context, seen.state, { base: undefined, remote: undefined });
  return "published" in result ? result.published : undefined;
}

/**
 * Notes for the files in `done`, and for those on which both sides agree anyway, that this machine
 * has taken note of the storage's state; not for those that were skipped. What it does not take any
 * more is forgotten: should it take it again, that it is not here does not say that it was deleted.
 */
export async function saveAgreement(
  context: SettingsContext,
  seen: Survey,
  remote: RemoteState,
  { done = [], skipped = [] }: { done?: readonly string[]; skipped?: readonly string[] } = {},
): Promise<void> {
  const agreed = seen.plan.items.filter(({ verdict }) => verdict === "agreed");
  const noted = new Set([...done, ...agreed.map(({ path }) => path)]);
  for (const path of skipped) noted.delete(path);
  const base = new Map<string, RemoteFile>();
  for (const path of new Set([...(seen.base?.keys() ?? []), ...noted])) {
    const file = (noted.has(path) ? remote.files : seen.base)?.get(path);
    const isTaken = seen.scanned.has(path) || judgePath(path, context.selection) === undefined;
    if (file && isTaken) base.set(path, file);
  }
  const createMode = context.createMode();
  await saveState(context, seen.state, { base: refresh(base, remote), remote, createMode });
}

/** Points to the newest snapshot that has a content: older ones are removed in the end. */
function refresh(
  base: ReadonlyMap<string, RemoteFile>,
  remote: RemoteState,
): Map<string, RemoteFile> {
  return new Map(
    [...base].map(([path, file]) => {
      const now = remote.files.get(path);
      return [path, now !== undefined && isSameState(now, file) ? now : file];
    }),
  );
}
