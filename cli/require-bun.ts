import { AppError } from "../lib/errors.ts";

/** @throws AppError "usage" where Node runs the program: the npm package leaves the server out */
export function requireBun(): void {
  if (process.versions["bun"] !== undefined) return;
  throw new AppError("usage", "'serve' is in the pi-opensync binary, and not in the npm package.", {
    hint: "The README says how to get the binary. Its other commands work here as well.",
  });
}
