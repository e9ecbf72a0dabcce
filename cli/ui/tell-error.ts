import { maskKey } from "../../lib/config/secret.ts";
import { AppError, messageOf } from "../../lib/errors.ts";
import { createMessages } from "./messages.ts";

/** Tells what ended a command: on stderr, or as the one document of `--json` on stdout. */
export function tellError(error: unknown, asJson: boolean): void {
  const isExpected = error instanceof AppError;
  const message = withoutKeys(messageOf(error));
  const hint = isExpected && error.hint !== undefined ? withoutKeys(error.hint) : undefined;
  if (asJson) {
    const code = isExpected ? error.code : "internal";
    const document = { schemaVersion: 1, error: { code, message, hint } };
    process.stdout.write(`${JSON.stringify(document)}\n`);
    return;
  }
  const stack = !isExpected && error instanceof Error ? error.stack : undefined;
  createMessages({ quiet: true, verbose: false }).fail(message, hint ?? stack);
}

/** A key that somebody typed in the wrong place must not stand on the screen, or in a log, again. */
function withoutKeys(text: string): string {
  return text.replaceAll(/osk_[\w-]+/g, maskKey);
}
