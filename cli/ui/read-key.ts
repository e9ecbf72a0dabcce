import { isatty } from "node:tty";

import { AppError } from "../../lib/errors.ts";
import { isInteractive } from "./interactive.ts";
import type { AskingFlags } from "./interactive.ts";

/** More than any key, and any command that prints one. */
const keyBytesMax = 64 * 1024;

/**
 * A key, `$NAME` or `!command` on stdin, where it stands in no list of processes and no history.
 *
 * @throws AppError "usage" where stdin is a terminal, or holds nothing; `hint` says how it is done
 */
export async function readKeyFromStdin(hint: string): Promise<string> {
  if (isatty(0)) {
    throw new AppError("usage", "the key is read from a pipe or a file", { hint });
  }
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of process.stdin) {
    pieces.push(piece as Buffer);
    bytes += (piece as Buffer).length;
    if (bytes > keyBytesMax) throw new AppError("usage", "there is more than a key on stdin");
  }
  const key = Buffer.concat(pieces).toString("utf8").trim();
  if (key === "") throw new AppError("usage", "there is no key on stdin", { hint });
  return key;
}

/**
 * Asks for a key, which is not seen while it is typed.
 *
 * @throws AppError "usage" where nobody can be asked, with `hint`; "cancelled" at Ctrl-C
 */
export async function askKey(question: string, args: AskingFlags, hint: string): Promise<string> {
  if (!isInteractive(args)) throw new AppError("usage", "the key is missing", { hint });
  const { createPrompter } = await import("./prompt.ts");
  const prompter = createPrompter(new AbortController().signal);
  return prompter.askSecret(question, (typed) => (typed === "" ? "Enter the key." : undefined));
}
