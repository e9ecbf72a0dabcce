import { hostname } from "node:os";

import { AppError, messageOf } from "../../lib/errors.ts";
import { resolvePaths } from "../../lib/platform/paths.ts";
import type { Clock } from "../../lib/platform/clock.ts";
import { processEnv } from "../../lib/platform/process.ts";
import { spellCommands } from "../../lib/settings/commands/spell-commands.ts";
import type { SettingsTools } from "../../lib/settings/context.ts";

/** What settings sync works with inside pi. */
export function createTools(clock: Clock, signal: AbortSignal): SettingsTools {
  const { fetch } = globalThis;
  const paths = resolvePaths(processEnv);
  return { env: processEnv, paths, clock, fetch, hostname: hostname(), signal };
}

/** Names commands in a text as they are typed in pi. */
export function spell(text: string): string {
  return spellCommands(text, "/pisync");
}

/** An error in words. */
export function describeError(error: unknown): string {
  if (!(error instanceof AppError)) return `Settings sync failed: ${messageOf(error)}`;
  return spell([error.message, error.hint ?? ""].join("\n").trim());
}
