import { decodeText, splitLines } from "./decode-text.ts";
import { diffLines } from "./merge/diff-lines.ts";
import type { Change } from "./merge/diff-lines.ts";
import { cutLine, toPrintable } from "./printable.ts";

const contextLines = 3;
const lineLengthMax = 500;
const linesMax = 400;

/**
 * What changed in a file, as a unified diff for a terminal; undefined is a file that is not there.
 * Long lines are cut, a long diff ends with how many lines it leaves out, and what the lines hold
 * can do nothing to the terminal. Empty where nothing changed.
 */
export function renderDiff(
  path: string,
  before: Uint8Array | undefined,
  after: Uint8Array | undefined,
): string {
  const head = [nameOf("a", path, before), nameOf("b", path, after)];
  const [oldText, newText] = [before, after].map((content) =>
    decodeText(content ?? new Uint8Array()),
  );
  if (oldText === undefined || newText === undefined) {
    const isSame = before && after && Buffer.compare(before, after) === 0;
    return isSame ? "" : `binary files differ: ${head.join(" and ")}\n`;
  }
  const lines = renderHunks(splitLines(oldText), splitLines(newText));
  if (lines.length === 0 && (before === undefined) === (after === undefined)) return "";
  const shown = lines.slice(0, linesMax);
  const more = lines.length - shown.length;
  if (more > 0) shown.push(more === 1 ? "… 1 more line" : `… ${more} more lines`);
  return [`--- ${head[0]}`, `+++ ${head[1]}`, ...shown, ""].join("\n");
}

function nameOf(side: string, path: string, content: Uint8Array | undefined): string {
  return content === undefined
    ? "/dev/null"
    : cutLine(toPrintable(`${side}/${path}`).replaceAll("\n", String.raw`\n`), lineLengthMax);
}

function renderHunks(before: readonly string[], after: readonly string[]): string[] {
  return groupChanges(diffLines(before, after)).flatMap((group) =>
    renderHunk(group, before, after),
  );
}

/** Changes of which the lines around them would meet are one hunk. */
function groupChanges(changes: readonly Change[]): Change[][] {
  const groups: Change[][] = [];
  for (const change of changes) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    if (group && last && change.from - last.to <= 2 * contextLines) group.push(change);
    else groups.push([change]);
  }
  return groups;
}

function renderHunk(
  changes: readonly Change[],
  before: readonly string[],
  after: readonly string[],
): string[] {
  const first = changes[0];
  const last = changes.at(-1);
  if (first === undefined || last === undefined) return [];
  const start = Math.max(0, first.from - contextLines);
  const end = Math.min(before.length, last.to + contextLines);
  const newStart = first.newFrom - (first.from - start);
  const newEnd = last.newTo + (end - last.to);
  const pieces = changes.map(({ from, to, newFrom, newTo }, index) => [
    ...renderLines(" ", before.slice(changes[index - 1]?.to ?? start, from)),
    ...renderLines("-", before.slice(from, to)),
    ...renderLines("+", after.slice(newFrom, newTo)),
  ]);
  return [
    `@@ -${renderRange(start, end)} +${renderRange(newStart, newEnd)} @@`,
    ...pieces.flat(),
    ...renderLines(" ", before.slice(last.to, end)),
  ];
}

/** As `diff` writes it: an empty range stands at the line before it. */
function renderRange(start: number, end: number): string {
  const count = end - start;
  if (count === 1) return String(start + 1);
  return `${count === 0 ? start : start + 1},${count}`;
}

function renderLines(sign: string, lines: readonly string[]): string[] {
  return lines.flatMap((line) => {
    const text = `${sign}${toPrintable(cutLine(line.replace(/\n$/, ""), lineLengthMax))}`;
    return line.endsWith("\n") ? [text] : [text, String.raw`\ No newline at end of file`];
  });
}
