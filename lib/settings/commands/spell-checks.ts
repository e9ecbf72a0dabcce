import type { Check } from "../../doctor/check.ts";
import { spellCommands } from "./spell-commands.ts";

/** Checks with the commands of settings sync as they are typed; see `spellCommands`. */
export function spellChecks(checks: readonly Check[], prefix: string): Check[] {
  return checks.map(({ found, why, fix, ...check }) => ({
    ...check,
    found: spellCommands(found, prefix),
    ...(why !== undefined && { why: spellCommands(why, prefix) }),
    // Of a fix that is a command and nothing else, the quotes go.
    ...(fix !== undefined && { fix: spellCommands(fix, prefix).replace(/^'([^']*)'$/, "$1") }),
  }));
}
