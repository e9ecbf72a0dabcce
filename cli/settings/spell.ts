import { spellCommands } from "../../lib/settings/commands/spell-commands.ts";
import { shortPath } from "../setup/words.ts";

/** What stands before a command of settings sync in a shell. */
export const settingsPrefix = "pi-opensync settings";

/** A text of settings sync for a shell: commands as they are typed there, paths as people write them. */
export function spell(text: string): string {
  return spellCommands(text, settingsPrefix)
    .split(/(?<=[ (])/)
    .map(shortPath)
    .join("");
}
