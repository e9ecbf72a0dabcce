import { randomBytes } from "node:crypto";
import { access, constants } from "node:fs/promises";
import { join } from "node:path";

import { assert, must } from "../../assert.ts";
import { AppError, messageOf } from "../../errors.ts";
import { privateFileMode } from "../../platform/files.ts";
import { hashContent } from "../hash.ts";
import { toPrintable } from "../printable.ts";
import { settingsFile } from "../read-local.ts";
import { shareSettings } from "../shared-settings.ts";
import { findClashes } from "./clashes.ts";
import { isSame, readState } from "./state.ts";
import type { Step } from "./journal.ts";
import type { ApplyPlace, FileChange, SkippedFile } from "./place.ts";
import { inspectTarget, judgeApplied, listFolders } from "./target.ts";
import type { Target } from "./target.ts";

/** What is left to do of changes. */
export interface Checked {
  /** In the order in which they are made. */
  steps: Step[];
  /** Folders to make, parents first. */
  folders: string[];
  /** Files that are as they were to become already. */
  settled: FileChange[];
  skipped: SkippedFile[];
}

/**
 * Checks all changes before any is made. The agent directory is given without links. With
 * `foldsCase`, the disk takes names that differ only in upper and lower case for the same.
 *
 * @throws AppError "refused" with every file that can't be written
 */
export async function checkChanges(
  place: ApplyPlace,
  changes: readonly FileChange[],
  foldsCase: boolean,
): Promise<Checked> {
  const { targets, refused } = await judgeChanges(place, changes, foldsCase);
  if (refused.size > 0) throw refusal(place.agentDir, refused);

  const checked: Checked = { steps: [], folders: [], settled: [], skipped: [] };
  const folders = new Set<string>();
  for (const change of changes) {
    const target = must(targets.get(change.path), "what was found out of a file");
    const outcome = await judgeState(place, change, target);
    if (outcome === "settled") checked.settled.push(change);
    else if (typeof outcome === "string")
      checked.skipped.push({ path: change.path, reason: outcome });
    else {
      checked.steps.push(outcome);
      for (const folder of outcome.after ? target.missing : []) folders.add(folder);
    }
  }
  checked.folders.push(...[...folders].sort());
  checked.steps.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
  return checked;
}

/** What was found out of changes, and which of them can't be made, and why. */
export async function judgeChanges(
  place: ApplyPlace,
  changes: readonly FileChange[],
  foldsCase: boolean,
): Promise<{ targets: Map<string, Judged>; refused: Map<string, string> }> {
  const targets = new Map<string, Judged>();
  const refused = new Map<string, string>();
  for (const change of changes) {
    const target = await judgeChange(place, change);
    targets.set(change.path, target);
    if (target.obstacle !== undefined) refused.set(change.path, target.obstacle);
  }
  assert(targets.size === changes.length, "a file is changed only once");
  const written = changes.flatMap(({ path, after }) => (after && !refused.has(path) ? [path] : []));
  const clashes = await findClashes(place.agentDir, written, foldsCase);
  return { targets, refused: new Map([...refused, ...clashes]) };
}

/** What settings name is there when they do, and what they named goes last. */
const order: readonly Step["kind"][] = ["write", "mode", "settings", "delete"];

/** A file's place, and what the file is to become. */
interface Judged extends Target {
  content?: Uint8Array | undefined;
}

async function judgeChange(
  { agentDir, localKeys }: ApplyPlace,
  { path, after }: FileChange,
): Promise<Judged> {
  const obstacle = judgeApplied(path);
  if (obstacle !== undefined) return { obstacle, missing: [] };
  try {
    const target = await inspectTarget(agentDir, path);
    const folder = [".", ...listFolders(path)].findLast((name) => !target.missing.includes(name));
    if (target.obstacle === undefined) {
      await access(join(agentDir, folder ?? "."), constants.W_OK | constants.X_OK);
    }
    return { ...target, content: after && toSharedPart(path, after.content, localKeys) };
  } catch (error) {
    return { obstacle: messageOf(error), missing: [] };
  }
}

/** Of settings, what comes out again when the file is read. */
function toSharedPart(
  path: string,
  content: Uint8Array,
  localKeys: readonly string[],
): Uint8Array | undefined {
  return path === settingsFile
    ? shareSettings(new TextDecoder().decode(content), localKeys)
    : content;
}

/** A step; `settled`; or why the file is skipped. */
async function judgeState(
  place: ApplyPlace,
  change: FileChange,
  { content, mode: found }: Judged,
): Promise<Step | string> {
  const { path, before, after: file } = change;
  const current = await readState(place, path);
  if (typeof current === "string") return current;
  const after = content && {
    sha256: hashContent(content),
    bytes: content.length,
    isExecutable: file?.isExecutable ?? false,
  };
  if (isSame(place, path, current, after)) return "settled";
  if (!isSame(place, path, current, before)) return "changed meanwhile";
  const step = { path, random: randomBytes(6).toString("hex"), before, after };
  if (path === settingsFile) {
    const shared = content && Buffer.from(content).toString("base64");
    return { ...step, kind: "settings", mode: found ?? privateFileMode, shared };
  }
  if (after === undefined) return { ...step, kind: "delete", mode: 0 };
  const mode = place.hasModes ? modeFor(after.isExecutable, found) : (found ?? 0o644);
  return { ...step, kind: current?.sha256 === after.sha256 ? "mode" : "write", mode };
}

/** Who can read a file can execute it. What a file that is there allows otherwise stays. */
function modeFor(isExecutable: boolean, existing = 0o644): number {
  return isExecutable ? existing | ((existing & 0o444) >> 2) : existing & ~0o111;
}

function refusal(agentDir: string, refused: ReadonlyMap<string, string>): AppError {
  const list = [...refused]
    .map(([path, reason]) => `\n  ${toPrintable(`${path}: ${reason}`)}`)
    .join("");
  return new AppError("refused", `Nothing was written to ${agentDir}, because of:${list}`, {
    hint: "Move what is in the way, or exclude these files, and try again.",
  });
}
