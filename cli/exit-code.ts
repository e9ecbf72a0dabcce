import { AppError } from "../lib/errors.ts";
import type { ErrorCode } from "../lib/errors.ts";

/** What the process says to its caller. */
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

/** The exit codes for people, as `--help` and the README have them. */
export const exitCodeTable: readonly (readonly [code: string, meaning: string])[] = [
  [`${exitCodes.well}`, "all well"],
  [`${exitCodes.failure}`, "failure"],
  [`${exitCodes.usage}`, "wrong usage or configuration"],
  [`${exitCodes.notConfigured}`, "not configured"],
  [`${exitCodes.keyRefused}`, "key refused"],
  [`${exitCodes.network}`, "network trouble, try later"],
  [`${exitCodes.partlyFailed}`, "partly failed, or something is left to you"],
  [`${exitCodes.interrupted}, ${exitCodes.terminated}`, "ended by Ctrl-C, by SIGTERM"],
];

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
