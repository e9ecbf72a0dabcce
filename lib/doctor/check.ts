import { AppError, messageOf } from "../errors.ts";

/** What a check came to. */
export interface CheckResult {
  status: "well" | "warning" | "failure";
  /** What was found, in a sentence. */
  found: string;
  /** What mends it. */
  fix?: string | undefined;
}

/** The result of a check that ended with an error. */
export function failedCheck(error: unknown): CheckResult {
  const fix = error instanceof AppError ? error.hint : undefined;
  return { status: "failure", found: messageOf(error), fix };
}

const signs = { well: "✓", warning: "!", failure: "✗" };

/** Results for people to read, one below the other. */
export function renderChecks(results: readonly CheckResult[]): string {
  return results
    .flatMap(({ status, found, fix }) => [
      `${signs[status]} ${found}`,
      ...(fix === undefined ? [] : [`    ${fix}`]),
    ])
    .join("\n");
}
