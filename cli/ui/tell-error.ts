import { AppError, messageOf } from "../../lib/errors.ts";
import { createMessages } from "./messages.ts";

/** Tells what ended a command: on stderr, or as the one document of `--json` on stdout. */
export function tellError(error: unknown, asJson: boolean): void {
  const isExpected = error instanceof AppError;
  const hint = isExpected ? error.hint : undefined;
  if (asJson) {
    const code = isExpected ? error.code : "internal";
    const document = { schemaVersion: 1, error: { code, message: messageOf(error), hint } };
    process.stdout.write(`${JSON.stringify(document)}\n`);
    return;
  }
  const stack = !isExpected && error instanceof Error ? error.stack : undefined;
  createMessages({ quiet: true, verbose: false }).fail(messageOf(error), hint ?? stack);
}
