import { expect } from "bun:test";

import { AppError } from "../../lib/errors.ts";

/** The error that a call fails with, which is one for people. */
export async function failureOf(call: Promise<unknown>): Promise<AppError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
}
