/** A text that stands in JSON as a value. */
export interface JsonString {
  /** The key it stands under; empty for an element of a list. */
  readonly key: string;
  /** What it says, without escapes. */
  readonly value: string;
  /** Where its first character stands, behind the quotation mark. */
  readonly start: number;
  /** Where the closing quotation mark stands. */
  readonly end: number;
}

/**
 * The texts in JSON that are values, with their places; also with comments and trailing commas,
 * which pi takes in `models.json`. Text that is no JSON gives those before the place where that
 * shows. It takes time linear in the text's length.
 */
export function listJsonStrings(text: string): JsonString[] {
  const found: JsonString[] = [];
  const around: ("object" | "list")[] = [];
  let key = "";
  let isKey = false;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    const inner = around.at(-1);
    if (character === '"') {
      const end = findStringEnd(text, at + 1);
      const value = end === undefined ? undefined : readString(text.slice(at, end + 1));
      if (end === undefined || value === undefined || inner === undefined) break;
      if (isKey) key = value;
      else found.push({ key, value, start: at + 1, end });
      at = end;
    } else if (character === "{" || character === "[") {
      isKey = character === "{";
      around.push(isKey ? "object" : "list");
      key = "";
    } else if (character === "}" || character === "]") {
      around.pop();
    } else if (character === ",") {
      isKey = inner === "object";
      key = "";
    } else if (character === ":") {
      isKey = false;
    } else if (character === "/") {
      at = findCommentEnd(text, at);
    } else if (inner === undefined && !/[\s\uFEFF]/.test(character)) {
      break;
    }
  }
  return found;
}

/** The closing quotation mark; undefined where the line or the text ends before. */
function findStringEnd(text: string, start: number): number | undefined {
  for (let at = start; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '"') return at;
    if (character === "\n") return undefined;
    if (character === "\\") at++;
  }
  return undefined;
}

/** The last character of the comment that begins here; the slash itself where none does. */
function findCommentEnd(text: string, start: number): number {
  const mark = text.charAt(start + 1);
  if (mark !== "/" && mark !== "*") return start;
  const end = mark === "/" ? text.indexOf("\n", start) : text.indexOf("*/", start + 2) + 1;
  return end > start ? end : text.length;
}

function readString(quoted: string): string | undefined {
  try {
    const value: unknown = JSON.parse(quoted);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
