import { AppError, messageOf } from "../../lib/errors.ts";

/** An error in words for a notice. */
export function describeError(error: unknown): string {
  if (error instanceof AppError) return [error.message, error.hint ?? ""].join(" ").trim();
  return `OpenSync failed: ${messageOf(error)}`;
}
