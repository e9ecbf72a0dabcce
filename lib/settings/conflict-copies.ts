import { applyChanges, findRefused } from "./apply/apply.ts";
import type { FileChange } from "./apply/place.ts";
import type { SettingsContext } from "./context.ts";
import type { PlanItem } from "./plan.ts";
import { nameMachine } from "./config/schema.ts";
import { readAvailable } from "./remote/read-available.ts";
import type { RemoteState } from "./remote/state.ts";
import { readLocalFile } from "./read-local.ts";
import { readState, saveState } from "./state.ts";
import type { ConflictCopy } from "./state.ts";

/** So far back the machine that wrote a version is looked for. */
const commitsMax = 50;

/**
 * Puts the storage's version of conflicting files beside them, as
 * `<name>.conflict-<date>-<machine>`, each version once. Gives the paths of the new copies. What
 * can't stand there, because of a link or a name that is too long, is left out. To be called with
 * this machine's lock.
 */
export async function copyConflicts(
  context: SettingsContext,
  remoteState: RemoteState,
  conflicts: readonly PlanItem[],
  signal: AbortSignal,
): Promise<string[]> {
  const { place, log, stateDir } = context;
  const state = await readState(stateDir);
  const missing = conflicts.flatMap(({ path, remote }) =>
    remote && state.copies.get(path)?.sha256 !== remote.sha256 ? [{ path, remote }] : [],
  );
  if (missing.length === 0) return [];
  const files = missing.map(({ remote }) => remote);
  const contents = await readAvailable(log, files, signal);
  const commits = await log.history(remoteState, commitsMax, signal);
  const changes = new Map<string, FileChange>();
  for (const { path, remote } of missing) {
    const content = contents.get(remote.sha256);
    if (content === undefined) continue;
    // Long ago, or in a checkpoint alone: then its name says the machine that wrote last.
    const author =
      commits.find(({ files }) => files.has(path))?.machine ?? remoteState.head?.machine;
    const copy = `${path}.conflict-${nameDate(context.clock.now())}-${nameMachine(author ?? "")}`;
    // It has no executable bit: nothing should run it by mistake.
    changes.set(path, { path: copy, before: undefined, after: { content, isExecutable: false } });
  }
  const refused = await findRefused(place, [...changes.values()]);
  const possible = [...changes].filter(([, { path }]) => !refused.has(path));
  const { written } = await applyChanges(
    place,
    possible.map(([, change]) => change),
  );
  const copies = new Map(state.copies);
  for (const { path, remote } of missing) {
    const copy = changes.get(path)?.path ?? "";
    if (written.includes(copy)) copies.set(path, { path: copy, sha256: remote.sha256 });
  }
  await saveState(context, state, { copies });
  return written;
}

/** Removes the copy of a conflict that is decided, unless somebody wrote into it. */
export async function removeCopy(context: SettingsContext, path: string): Promise<void> {
  const state = await readState(context.stateDir);
  const copy = state.copies.get(path);
  if (copy === undefined) return;
  await removeFile(context, copy);
  const copies = new Map(state.copies);
  copies.delete(path);
  await saveState(context, state, { copies });
}

async function removeFile(context: SettingsContext, { path, sha256 }: ConflictCopy): Promise<void> {
  const found = await readLocalFile(context.agentDir, path, context.localKeys);
  if (found?.state.sha256 !== sha256) return;
  await applyChanges(context.place, [{ path, before: found.state, after: undefined }]);
}

/** `20261121-093012`, in UTC. */
function nameDate(nowMs: number): string {
  return new Date(nowMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
}
