import { isatty } from "node:tty";

/** Columns of the terminal that stdout is; undefined for a pipe or a file, where lines have no end. */
export function outputWidth(): number | undefined {
  return isatty(1) ? process.stdout.columns || 80 : undefined;
}
