import { maskKey } from "../../lib/config/secret.ts";
import { AppError, messageOf } from "../../lib/errors.ts";
import type { ErrorCode } from "../../lib/errors.ts";
import { createMessages } from "./messages.ts";

/** Tells what ended a command: on stderr, or as the one document of `--json` on stdout. */
export function tellError(error: unknown, asJson: boolean): void {
  const message = withoutKeys(messageOf(error));
  const { code, more } = classify(error);
  const hint = more === undefined ? undefined : withoutKeys(more);
  if (asJson) {
    const told = { code, message, ...(code !== "internal" && { hint }) };
    process.stdout.write(`${JSON.stringify({ schemaVersion: 1, error: told })}\n`);
    return;
  }
  createMessages({ quiet: true, verbose: false }).fail(message, hint);
}

/** What kind of error it is, and what there is to say beside its message. */
function classify(error: unknown): { code: ErrorCode | "internal"; more: string | undefined } {
  if (error instanceof AppError) return { code: error.code, more: error.hint };
  // What the system refuses, such as a file, is no mistake of ours, and no stack says more of it.
  if (error instanceof Error && "syscall" in error) return { code: "io", more: undefined };
  return { code: "internal", more: error instanceof Error ? error.stack : undefined };
}

/** A key that somebody typed in the wrong place must not stand on the screen, or in a log, again. */
function withoutKeys(text: string): string {
  return text.replaceAll(/osk_[\w-]+/g, maskKey);
}
