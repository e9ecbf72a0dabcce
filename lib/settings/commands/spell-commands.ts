import { settingsCommandNames } from "./table.ts";

/** A command in quotes, with the words behind it. */
const quoted = new RegExp(`'(?=(?:${settingsCommandNames.join("|")})(?: [^'\n]*)?')`, "g");

/**
 * Makes commands in a text such as that a person can copy them: 'pull' becomes '/pisync pull', or what
 * else has to stand before it.
 */
export function spellCommands(text: string, prefix: string): string {
  return text.replaceAll(quoted, `'${prefix} `);
}
