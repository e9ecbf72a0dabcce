import { isatty } from "node:tty";

/** The flags that decide whether somebody is asked. */
export interface AskingFlags {
  json?: boolean | undefined;
  /** False with `--no-input`. */
  input?: boolean | undefined;
}

/** Whether there is a person to ask: both ends are a terminal, and no flag forbids it. */
export function isInteractive({ json, input }: AskingFlags): boolean {
  return json !== true && input !== false && isatty(0) && isatty(2);
}
