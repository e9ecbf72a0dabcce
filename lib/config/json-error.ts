/** A place in a text, both counted from 1. */
export interface TextPlace {
  line: number;
  column: number;
}

const token =
  /[ \t\r\n]*(?:([{}[\],:])|("(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)|$)/y;

/**
 * Where a text stops being JSON; undefined when it is JSON. `JSON.parse` says it in the message
 * of its error only, in other words in every engine, and in some not at all.
 */
export function locateJsonError(text: string): TextPlace | undefined {
  let at = 0;
  /** The next token: a punctuation mark, "string", "scalar", or "" for anything else. */
  const peek = (): { kind: string; end: number } => {
    token.lastIndex = at;
    const found = token.exec(text);
    const kind = found?.[1] ?? (found?.[2] && "string") ?? (found?.[3] && "scalar") ?? "";
    return { kind, end: token.lastIndex };
  };
  const take = (...kinds: string[]): string => {
    const { kind, end } = peek();
    if (!kinds.includes(kind)) throw new Misplaced();
    at = end;
    return kind;
  };
  const takeItems = (close: string, takeItem: () => void): void => {
    if (peek().kind === close) {
      take(close);
      return;
    }
    do takeItem();
    while (take(",", close) === ",");
  };
  const takeValue = (): void => {
    const kind = take("{", "[", "string", "scalar");
    if (kind === "[") takeItems("]", takeValue);
    if (kind === "{") {
      takeItems("}", () => {
        take("string");
        take(":");
        takeValue();
      });
    }
  };
  try {
    takeValue();
    return text.slice(at).trim() === "" ? undefined : placeOf(text, at);
  } catch (error) {
    if (error instanceof Misplaced) return placeOf(text, at);
    throw error;
  }
}

class Misplaced extends Error {}

/** The place of the first character from `at` on that is no space. */
function placeOf(text: string, at: number): TextPlace {
  const before = text.slice(0, at) + (/^[ \t\r\n]*/.exec(text.slice(at))?.[0] ?? "");
  const lines = before.split("\n");
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}
