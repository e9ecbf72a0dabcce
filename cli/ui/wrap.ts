import { textWidth } from "./text-width.ts";

/**
 * A text in lines of so many columns at the most. It breaks between words, and within those that are
 * longer than a line; what follows a break starts where its line starts.
 */
export function wrapWords(text: string, columns: number): string {
  return text
    .split("\n")
    .flatMap((line) => wrapLine(line, columns))
    .join("\n");
}

function wrapLine(line: string, columns: number): string[] {
  if (textWidth(line) <= columns) return [line];
  const indentation = /^ */.exec(line)?.[0] ?? "";
  const width = Math.max(1, columns - indentation.length);
  const lines: string[] = [];
  let current = "";
  for (const word of line
    .slice(indentation.length)
    .split(" ")
    .flatMap((whole) => cut(whole, width))) {
    const longer = current === "" ? word : `${current} ${word}`;
    if (textWidth(longer) <= width) {
      current = longer;
    } else {
      lines.push(current);
      current = word;
    }
  }
  return [...lines, current].map((part) => indentation + part);
}

/** A word in pieces that fit. */
function cut(word: string, width: number): string[] {
  if (textWidth(word) <= width) return [word];
  const pieces: string[] = [];
  let piece = "";
  for (const character of word) {
    if (piece !== "" && textWidth(piece + character) > width) {
      pieces.push(piece);
      piece = "";
    }
    piece += character;
  }
  return [...pieces, piece];
}
