import { isatty } from "node:tty";

import fastStringWidth from "fast-string-width";

/** Columns of the terminal that stdout is; undefined for a pipe or a file, where lines have no end. */
export function outputWidth(): number | undefined {
  return isatty(1) ? process.stdout.columns || 80 : undefined;
}

/** How many columns a text takes in a terminal. */
export function textWidth(text: string): number {
  return fastStringWidth(text);
}
