import { formatSettings } from "../../pi/settings-text.ts";
import { asRecord } from "../../session/value.ts";
import { isNestedTooDeeply, isSameJson } from "../canonical-json.ts";
import { decodeText } from "../decode-text.ts";
import { cutLine, toPrintable } from "../printable.ts";
import { mergeJson } from "./merge-json.ts";
import { mergeLines } from "./merge-lines.ts";
import type { LineConflict, LineRange } from "./merge-lines.ts";

/** What came of a merge. `where` says for a person what conflicts; it never holds a value. */
export type FileMerge =
  | { kind: "merged"; content: Uint8Array }
  | { kind: "conflict"; where: string[] };

/** The files of pi that hold one JSON object. */
const jsonFiles: ReadonlySet<string> = new Set([
  "settings.json",
  "models.json",
  "keybindings.json",
]);

/**
 * Merges two changes of a file: pi's JSON files by key where they are plain JSON, which a
 * models.json with comments is not, other text by lines. `path` is relative to the agent directory,
 * `base` undefined where both sides made the file. The result keeps the style of the local file.
 *
 * Merged with local once more, a result comes out as it is.
 */
export function mergeFile(
  path: string,
  base: Uint8Array | undefined,
  local: Uint8Array,
  remote: Uint8Array,
): FileMerge {
  if (isSameContent(local, remote) || isSameContent(base, remote)) return merged(local);
  if (isSameContent(base, local)) return merged(remote);
  const texts = [base ?? new Uint8Array(), local, remote].map(decodeText);
  const [before, ours, theirs] = texts;
  if (before === undefined || ours === undefined || theirs === undefined) {
    return conflict(["the whole file, which is not text"]);
  }
  const byKey = jsonFiles.has(path) ? mergeByKey(base && before, ours, theirs) : undefined;
  if (byKey !== undefined) return byKey;
  const byLine = mergeLines(before, ours, theirs);
  return byLine.kind === "merged"
    ? merged(new TextEncoder().encode(byLine.text))
    : conflict(byLine.conflicts.map(describeConflict));
}

/** Undefined where one of the texts is no plain JSON object. */
function mergeByKey(
  base: string | undefined,
  local: string,
  remote: string,
): FileMerge | undefined {
  const before = base === undefined ? undefined : parseRecord(base);
  const ours = parseRecord(local);
  const theirs = parseRecord(remote);
  if (ours === undefined || theirs === undefined) return undefined;
  if (before === undefined && base !== undefined) return undefined;
  const result = mergeJson(before, ours, theirs);
  if (result.kind === "conflict") return conflict(result.where.map(describeKey));
  const value = asRecord(result.value) ?? {};
  return merged(new TextEncoder().encode(formatMerged(value, { ours, theirs, local, remote })));
}

function parseRecord(text: string): Record<string, unknown> | undefined {
  try {
    const value = asRecord(JSON.parse(text.replace(/^\uFEFF/, "")));
    return isNestedTooDeeply(value) ? undefined : value;
  } catch {
    return undefined;
  }
}

/** A side that has it all already stays as it is written. */
function formatMerged(
  value: Record<string, unknown>,
  {
    ours,
    theirs,
    local,
    remote,
  }: Record<"local" | "remote", string> & Record<"ours" | "theirs", unknown>,
): string {
  if (isSameJson(value, ours)) return local;
  return isSameJson(value, theirs) ? remote : formatSettings(value, local);
}

/** The address of a repository can hold a password. */
function describeKey(path: string): string {
  return cutLine(toPrintable(path.replaceAll("\n", " ").replace(/\/\/[^/@]*@/, "//")), 120);
}

function describeConflict({ local, remote }: LineConflict): string {
  return `${describeRange(local)} here, ${describeRange(remote)} there`;
}

function describeRange({ from, count }: LineRange): string {
  if (count === 0) return `nothing at line ${from}`;
  return count === 1 ? `line ${from}` : `lines ${from}-${from + count - 1}`;
}

function isSameContent(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && a.length === b.length && Buffer.compare(a, b) === 0;
}

function merged(content: Uint8Array): FileMerge {
  return { kind: "merged", content };
}

function conflict(where: string[]): FileMerge {
  return { kind: "conflict", where };
}
