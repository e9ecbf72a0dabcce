/** What went wrong, in words a program can switch on. */
export type ErrorCode =
  | "usage"
  | "config"
  | "not-configured"
  | "unauthorised"
  | "network"
  | "refused"
  | "io"
  | "cancelled";

/**
 * An expected failure, with a message for the person at the terminal.
 *
 * `message` says what happened to what; `hint` says what to do next. Anything else that is
 * thrown is a bug of ours.
 */
export class AppError extends Error {
  override readonly name: string = "AppError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}

/** The message of anything that can be thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
