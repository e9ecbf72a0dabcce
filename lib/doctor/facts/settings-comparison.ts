import type { SettingsContext } from "../../settings/context.ts";
import type { PlanItem } from "../../settings/plan.ts";
import type { RemoteState } from "../../settings/remote/state.ts";
import { prepare } from "../../settings/run.ts";
import type { SecretFinding } from "../../settings/secrets/find-secrets.ts";
import { excludedReason, judgeFolder, judgePath } from "../../settings/selection.ts";
import type { Selection } from "../../settings/selection.ts";
import type { Survey } from "../../settings/survey.ts";

/** A file, and why it is as it is. */
export interface FileReason {
  path: string;
  reason: string;
}

/** How this machine and the storage differ. */
export interface ComparisonFacts {
  /** Files on this machine that are synced. */
  files: number;
  /** Files that wait to be sent, to be taken, and that changed on both sides. */
  up: number;
  down: number;
  merges: number;
  conflicts: FileReason[];
  /** What the storage has and this machine can't take. */
  blocked: FileReason[];
  /** Both sides had settings before the first sync: a person has to choose. */
  needsChoice: boolean;
  /** Why what both sides agreed on does not hold any more. */
  lost?: NonNullable<Survey["lost"]>;
  /** What stays on this machine by a rule. */
  leftOut: FileReason[];
  /** What the storage has and this machine does not take, by a rule. */
  notHere: FileReason[];
  /** What would be synced, and can't be. */
  unusable: FileReason[];
  /** Of what waits to be sent, what may be a secret; none of it is here. */
  findings: Omit<SecretFinding, "start">[];
  /** What is configured to be synced, or not to be, and is not there. */
  idle: { include: string[]; exclude: string[] };
}

/** Compares both sides, with what the storage was found to say, and searches what waits for secrets. */
export async function compareSides(
  context: SettingsContext,
  remote: RemoteState,
  signal: AbortSignal,
): Promise<ComparisonFacts> {
  const log = { ...context.log, read: () => Promise.resolve(remote) };
  // A push takes no contents from the storage, so nothing is fetched for it.
  const { seen, findings } = await prepare({ ...context, log, scanCachePath: undefined }, "push", {
    isForced: false,
    signal,
  });
  const { items, leftOut, localCount, needsChoice, notHere } = seen.plan;
  const of = (verdict: PlanItem["verdict"]): PlanItem[] =>
    items.filter((item) => item.verdict === verdict);
  const reasons = (verdict: PlanItem["verdict"]): FileReason[] =>
    of(verdict).map(({ path, why = "" }) => ({ path, reason: why }));
  const { selection } = context;
  const isByRule = ({ path, reason }: FileReason): boolean =>
    judgePath(path, selection) === reason || judgeFolder(path, selection) === reason;
  const left = leftOut.map(({ path, reason }) => ({ path, reason }));
  return {
    files: localCount,
    up: of("push").length,
    down: of("pull").length,
    merges: of("merge").length,
    conflicts: reasons("conflict"),
    blocked: reasons("blocked"),
    needsChoice,
    ...(seen.lost && { lost: seen.lost }),
    leftOut: left.filter(isByRule),
    notHere: [...notHere],
    unusable: left.filter((file) => !isByRule(file)),
    findings: findings.map(({ start: _, ...finding }) => finding),
    idle: findIdle(selection, [...seen.scanned.keys(), ...left.map(({ path }) => path)]),
  };
}

/** What of the configuration meets no file. */
function findIdle(selection: Selection, paths: readonly string[]): ComparisonFacts["idle"] {
  const { include, exclude } = selection;
  const isExcludedBy = (glob: string, path: string): boolean =>
    [judgePath, judgeFolder].some(
      (judge) => judge(path, { include, exclude: [glob] }) === excludedReason,
    );
  const isBelow = (item: string, path: string): boolean => {
    const folder = item.replaceAll(/^(?:\.\/+)+|\/+$/g, "");
    return path === folder || path.startsWith(`${folder}/`);
  };
  return {
    include: include.filter((item) => !paths.some((path) => isBelow(item, path))),
    exclude: exclude.filter((glob) => !paths.some((path) => isExcludedBy(glob, path))),
  };
}
