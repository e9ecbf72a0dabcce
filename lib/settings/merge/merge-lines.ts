import { splitLines } from "../decode-text.ts";
import { diffLines } from "./diff-lines.ts";
import type { Change } from "./diff-lines.ts";

/** Lines of a text: `from` (the first one is 1) and how many; with none, the place before `from`. */
export interface LineRange {
  from: number;
  count: number;
}

/** Lines that both sides changed, where they stand on each side. */
export interface LineConflict {
  local: LineRange;
  remote: LineRange;
}

/** What came of a merge by lines. */
export type LineMerge =
  | { kind: "merged"; text: string }
  | { kind: "conflict"; conflicts: LineConflict[] };

/**
 * Merges two changes of a text by lines. Changes that overlap or touch conflict, as in git, unless
 * they are the same. A line end is part of its line.
 *
 * A sync that was broken off after it had published is made again against its own result. Where
 * lines repeat, that could come out differently; such a merge is a conflict too.
 */
export function mergeLines(base: string, local: string, remote: string): LineMerge {
  const baseLines = splitLines(base);
  const here = readSide(baseLines, splitLines(local));
  const there = readSide(baseLines, splitLines(remote));
  const { lines, conflicts } = combine(baseLines, here, there);
  if (conflicts.length > 0) return { kind: "conflict", conflicts };
  const again = combine(baseLines, here, readSide(baseLines, lines));
  const text = lines.join("");
  if (again.conflicts.length === 0 && again.lines.join("") === text)
    return { kind: "merged", text };
  return { kind: "conflict", conflicts: [{ local: allOf(here), remote: allOf(there) }] };
}

interface Side {
  lines: readonly string[];
  changes: readonly Change[];
}

function readSide(base: readonly string[], lines: readonly string[]): Side {
  return { lines, changes: diffLines(base, lines) };
}

function allOf({ lines }: Side): LineRange {
  return { from: 1, count: lines.length };
}

/** Puts the changes of both sides in place of what they replace. */
function combine(
  base: readonly string[],
  local: Side,
  remote: Side,
): { lines: string[]; conflicts: LineConflict[] } {
  const lines: string[] = [];
  const conflicts: LineConflict[] = [];
  let position = 0;
  for (const region of groupChanges(local.changes, remote.changes)) {
    for (; position < region.from; position++) lines.push(base[position] ?? "");
    position = region.to;
    const here = takeRange(region, region.local);
    const there = takeRange(region, region.remote);
    const ours = linesOf(local, here);
    const theirs = linesOf(remote, there);
    if (region.local.length === 0) pushAll(lines, theirs);
    else if (region.remote.length === 0 || isEqual(ours, theirs)) pushAll(lines, ours);
    else conflicts.push({ local: here, remote: there });
  }
  pushAll(lines, base.slice(position));
  return { lines, conflicts };
}

/** Changes that touch, and the lines of the base that they cover together. */
interface Region {
  from: number;
  to: number;
  local: Change[];
  remote: Change[];
}

function groupChanges(local: readonly Change[], remote: readonly Change[]): Region[] {
  const all = [
    ...local.map((change) => ({ change, side: "local" as const })),
    ...remote.map((change) => ({ change, side: "remote" as const })),
  ].sort((a, b) => a.change.from - b.change.from || a.change.to - b.change.to);
  const regions: Region[] = [];
  for (const { change, side } of all) {
    let region = regions.at(-1);
    if (region === undefined || change.from > region.to) {
      region = { from: change.from, to: change.to, local: [], remote: [] };
      regions.push(region);
    }
    region.to = Math.max(region.to, change.to);
    region[side].push(change);
  }
  return regions;
}

/** Where a region stands on the side that made these changes. */
function takeRange(region: Region, changes: readonly Change[]): LineRange {
  const first = changes[0];
  const last = changes.at(-1);
  if (first === undefined || last === undefined) return { from: 1, count: 0 };
  const start = first.newFrom - (first.from - region.from);
  return { from: start + 1, count: last.newTo + (region.to - last.to) - start };
}

function linesOf({ lines }: Side, { from, count }: LineRange): readonly string[] {
  return lines.slice(from - 1, from - 1 + count);
}

function isEqual(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((line, index) => line === b[index]);
}

/** `push(...lines)` would fail on very many lines. */
function pushAll(lines: string[], more: readonly string[]): void {
  for (const line of more) lines.push(line);
}
