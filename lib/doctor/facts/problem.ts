import { AppError } from "../../errors.ts";

/** Something that is wrong, and what mends it. */
export interface Problem {
  message: string;
  hint: string;
}

/** What was thrown where something can't be used. Anything else is a bug of ours, and thrown again. */
export function toProblem(error: unknown): Problem {
  if (!(error instanceof AppError)) throw error;
  return { message: error.message, hint: error.hint ?? "Try again later." };
}
