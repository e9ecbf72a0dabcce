import { cellsMax, diffLines, readDiff } from "./diff-lines.ts";
import type { DiffLine } from "./diff-lines.ts";

/** What a tool call says, in the form that reads best. */
export type ToolView =
  | { kind: "command"; command: string; rest: Argument[] }
  | { kind: "edit"; path: string; diffs: DiffLine[][] }
  | { kind: "write"; path: string; content: string }
  | { kind: "read"; path: string; rest: Argument[] }
  | { kind: "other"; rest: Argument[] };

export interface Argument {
  name: string;
  text: string;
}

type Fields = Record<string, unknown>;

const pathNames = ["path", "file_path", "filePath", "filename", "file", "notebook_path"];
const oldNames = ["oldText", "old_string", "oldString", "old_str"];
const newNames = ["newText", "new_string", "newString", "new_str"];
const diffNames = ["diff", "patch", "patchText"];
const telling = ["pattern", "query", "url", "description", "prompt", "name", "id", "text", "input"];
const summaryCharsMax = 160;
/** The server lets values nest less deep. In a text they could exhaust the stack. */
const levelsMax = 64;

/** Reads a call by its tool's name and arguments: pi's tools, and those of other agents alike. */
export function readTool(name: string, args: unknown): ToolView {
  const fields = toFields(args);
  const command = findText(fields, ["command", "cmd"]);
  if (command !== undefined) {
    return { kind: "command", command, rest: toArguments(fields, ["command", "cmd"]) };
  }
  const path = findText(fields, pathNames) ?? "";
  const diffs = readEdits(fields);
  if (diffs.length > 0) return { kind: "edit", path, diffs };
  const content = findText(fields, ["content", "contents", "file_text"]);
  if (path !== "" && content !== undefined) return { kind: "write", path, content };
  if (path !== "" && /read|view|cat|open/i.test(name)) {
    return { kind: "read", path, rest: toArguments(fields, pathNames) };
  }
  return { kind: "other", rest: toArguments(fields, []) };
}

/** What a call is about, on one line. */
export function summariseTool(name: string, args: unknown): string {
  const view = readTool(name, args);
  if (view.kind === "command") return oneLine(view.command);
  if (view.kind === "edit" || view.kind === "write" || view.kind === "read") {
    if (view.path !== "") return oneLine(view.path);
  }
  const fields = toFields(args);
  const path = findText(fields, pathNames);
  const words = findText(fields, telling);
  const known = [words, path].filter((text) => text !== undefined).join(" in ");
  if (known !== "") return oneLine(known);
  const rest = toArguments(fields, []);
  return oneLine(rest.map((argument) => `${argument.name}: ${argument.text}`).join(", "));
}

/** How many lines diffs add and remove. */
export function countChanges(diffs: DiffLine[][]): { added: number; removed: number } {
  const lines = diffs.flat();
  return {
    added: lines.filter(({ sign }) => sign === "+").length,
    removed: lines.filter(({ sign }) => sign === "-").length,
  };
}

/** The language of a file, for its colours: its extension. */
export function languageOf(path: string): string | undefined {
  const name = path.split(/[\\/]/).at(-1)?.toLowerCase() ?? "";
  if (name === "dockerfile" || name === "makefile") return name;
  return /\.([a-z0-9+#]{1,12})$/.exec(name)?.[1];
}

/** Any value as text: texts as they are, the rest as JSON. */
export function toText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value, null, 2) ?? "");
}

/** Other plugins send arguments as JSON in a text. */
function toFields(args: unknown): Fields {
  if (typeof args !== "string") return isFields(args) ? args : { arguments: args };
  try {
    const parsed: unknown = JSON.parse(args);
    return isFields(parsed) && !isDeeper(parsed, levelsMax) ? parsed : { arguments: args };
  } catch {
    return { arguments: args };
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1));
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function findText(fields: Fields, names: string[]): string | undefined {
  const value = names.map((name) => fields[name]).find((value) => value !== undefined);
  return typeof value === "string" ? value : undefined;
}

/** All edits of a call share its comparisons. */
function readEdits(fields: Fields, cells = cellsMax): DiffLine[][] {
  const before = findText(fields, oldNames);
  const after = findText(fields, newNames);
  if (before !== undefined && after !== undefined) return [diffLines(before, after, cells)];
  const diff = findText(fields, diffNames);
  if (diff !== undefined) return [readDiff(diff)];
  const { edits } = fields;
  if (!Array.isArray(edits)) return [];
  return edits.filter(isFields).flatMap((edit) => readEdits(edit, cells / edits.length));
}

function toArguments(fields: Fields, without: string[]): Argument[] {
  return Object.entries(fields)
    .filter(([name, value]) => !without.includes(name) && value !== undefined)
    .map(([name, value]) => ({ name, text: toText(value) }));
}

function oneLine(text: string): string {
  const line = text
    .slice(0, summaryCharsMax * 4)
    .replaceAll(/\s+/g, " ")
    .trim();
  return line.length <= summaryCharsMax
    ? line
    : `${line
        .slice(0, summaryCharsMax)
        .toWellFormed()
        .replace(/\uFFFD$/, "")}…`;
}
