import { hostname } from "node:os";

import { AppError } from "../../lib/errors.ts";
import { systemClock } from "../../lib/platform/clock.ts";
import { resolvePaths } from "../../lib/platform/paths.ts";
import type { CommandOptions, Dialogue, Report } from "../../lib/settings/commands/dialogue.ts";
import { spellChecks } from "../../lib/settings/commands/spell-checks.ts";
import { settingsCommands } from "../../lib/settings/commands/table.ts";
import type { SettingsCommandName } from "../../lib/settings/commands/table.ts";
import { settingsPrefix, spell } from "./spell.ts";

/**
 * Runs a command of settings sync on this machine.
 *
 * @throws AppError "cancelled" where the signal, or the person at a question, ended it
 */
export async function runSettings(
  name: SettingsCommandName,
  options: CommandOptions,
  dialogue: Dialogue,
): Promise<Report> {
  const { env } = process;
  const { signal } = options;
  const tools = {
    env,
    paths: resolvePaths(env),
    clock: systemClock,
    fetch: globalThis.fetch,
    hostname: hostname(),
    signal,
  };
  try {
    const report = await settingsCommands[name].run(tools, dialogue, options);
    return spellReport(report);
  } catch (error) {
    if (signal.aborted) throw stopped();
    if (!(error instanceof AppError)) throw error;
    const { code, message, hint } = error;
    throw new AppError(code, spell(message), { ...(hint && { hint: spell(hint) }), cause: error });
  }
}

function spellReport(report: Report): Report {
  const { checks: found, document, lines } = report;
  const checks = found && spellChecks(found, settingsPrefix);
  return {
    ...report,
    lines: lines.map(spell),
    ...(checks && { checks, document: { ...document, checks } }),
  };
}

function stopped(): AppError {
  return new AppError("cancelled", "Stopped.", {
    hint: "Nothing is half done: the same command goes on from here.",
  });
}
