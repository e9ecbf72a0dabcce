import { AppError } from "../lib/errors.ts";

/** Whether this is the binary, which alone can serve: the npm package leaves the server out. */
export const hasServer = process.versions["bun"] !== undefined;

/** @throws AppError "usage" where there is no server in the program */
export function requireBun(): void {
  if (hasServer) return;
  throw new AppError("usage", "'serve' is in the pi-opensync binary, and not in the npm package.", {
    hint: "The README says how to get the binary. Its other commands work here as well.",
  });
}
