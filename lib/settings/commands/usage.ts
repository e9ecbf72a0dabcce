import { AppError } from "../../errors.ts";
import { suggest } from "../../suggest.ts";
import { settingsCommandNames, settingsCommands } from "./table.ts";
import type { SettingsCommandName } from "./table.ts";

/** The commands that a flag goes with. */
export const settingsFlagUses = {
  yes: settingsCommandNames,
  force: ["push", "pull", "sync", "rollback"],
  stale: ["unlock"],
  "dry-run": ["push", "pull", "sync", "rollback"],
} as const satisfies Record<string, readonly SettingsCommandName[]>;

export type SettingsFlag = keyof typeof settingsFlagUses;

/** All flags of the commands, without their dashes. */
export const settingsFlags = Object.keys(settingsFlagUses) as SettingsFlag[];

/** What a person typed behind `/pisync`, or `pi-opensync settings`. */
export interface TypedCommand {
  name: SettingsCommandName | "help";
  words: readonly string[];
  flags: ReadonlySet<SettingsFlag>;
}

/** A word, which may hold spaces in quotes. */
const token = /"([^"]*)"|'([^']*)'|\S+/g;

/**
 * Reads a command; undefined where nothing is typed.
 *
 * @throws AppError "usage" where it can't be understood
 */
export function parseTyped(text: string): TypedCommand | undefined {
  const tokens = [...text.matchAll(token)].map(
    ([whole, double, single]) => double ?? single ?? whole,
  );
  const isFlag = (word: string): boolean => /^--?[a-z]/i.test(word);
  const flags = new Set(tokens.filter(isFlag).map(parseFlag));
  const [first, ...words] = tokens.filter((word) => !isFlag(word));
  if (first === undefined && flags.size === 0) return undefined;
  const name = parseCommandName(first ?? "help");
  checkUse({ name, words, flags });
  return { name, words, flags };
}

function parseFlag(word: string): SettingsFlag {
  const name = word === "-y" ? "yes" : word.replace(/^--/, "");
  const flag = settingsFlags.find((known) => known === name);
  if (flag !== undefined) return flag;
  const near = suggest(name, settingsFlags);
  throw new AppError("usage", `There is no ${word.slice(0, 40)}.`, {
    hint: near
      ? `Did you mean --${near}?`
      : `There are ${settingsFlags.map((known) => `--${known}`).join(", ")}.`,
  });
}

/**
 * The command that a word names.
 *
 * @throws AppError "usage" where there is no such command
 */
export function parseCommandName(word: string): TypedCommand["name"] {
  const names = [...settingsCommandNames, "help"] as const;
  const name = names.find((known) => known === word);
  if (name !== undefined) return name;
  const near = suggest(word, names);
  throw new AppError("usage", `There is no command "${word.slice(0, 40)}".`, {
    hint: near ? `Did you mean '${near}'?` : `There are ${names.join(", ")}.`,
  });
}

/**
 * Checks that a command takes its words and flags.
 *
 * @throws AppError "usage"
 */
export function checkUse({ name, words, flags }: TypedCommand): void {
  checkWords(name, words);
  if (name === "help") return;
  for (const flag of flags) checkFlag(name, flag);
}

function checkWords(name: TypedCommand["name"], words: readonly string[]): void {
  const { takes } = { takes: "", ...(name !== "help" && settingsCommands[name]) };
  const extra = words[takes.split(" ").filter(Boolean).length];
  if (extra === undefined) return;
  throw new AppError("usage", `'${name}' does not take "${extra.slice(0, 40)}".`, {
    hint: takes === "" ? "It stands alone." : `It takes ${takes}.`,
  });
}

function checkFlag(name: SettingsCommandName, flag: SettingsFlag): void {
  const uses: readonly SettingsCommandName[] = settingsFlagUses[flag];
  if (uses.includes(name)) return;
  throw new AppError("usage", `--${flag} does not go with '${name}'.`, {
    hint: `It goes with ${uses.join(", ")}.`,
  });
}
