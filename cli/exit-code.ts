import { AppError } from "../lib/errors.ts";
import type { ErrorCode } from "../lib/errors.ts";

/** What the process says to its caller; the same table stands in `--help` and the README. */
export const exitCodes = {
  well: 0,
  failure: 1,
  usage: 2,
  notConfigured: 3,
  keyRefused: 4,
  network: 5,
  partlyFailed: 6,
  interrupted: 130,
  terminated: 143,
} as const;

const byError: Record<ErrorCode, number> = {
  usage: exitCodes.usage,
  config: exitCodes.usage,
  "not-configured": exitCodes.notConfigured,
  unauthorised: exitCodes.keyRefused,
  network: exitCodes.network,
  refused: exitCodes.failure,
  io: exitCodes.failure,
  cancelled: exitCodes.interrupted,
};

/** The exit code for an error that ended a command. */
export function exitCodeOf(error: unknown): number {
  return error instanceof AppError ? byError[error.code] : exitCodes.failure;
}
