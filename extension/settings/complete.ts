import { settingsCommandNames, settingsCommands } from "../../lib/settings/commands/table.ts";
import { settingsFlagUses } from "../../lib/settings/commands/usage.ts";
import type { SettingsFlag } from "../../lib/settings/commands/usage.ts";

/** What pi offers behind `/pisync`; `value` takes the place of all that stands there. */
interface Completion {
  value: string;
  label: string;
  description: string;
}

const flagMeanings: Readonly<Record<SettingsFlag, string>> = {
  yes: "Ask nothing, and go on",
  force: "Also where there are conflicts or many deletions",
  stale: "Also a lock that another machine left",
  "dry-run": "Change nothing, say what would be done",
};

/** Completes commands and their flags; null where there is nothing to complete. */
export function completeArgs(typed: string): Completion[] | null {
  const begun = typed.trimStart();
  const isCommand = !begun.includes(" ");
  const all = isCommand ? listCommands() : listFlags(begun);
  // What is complete already needs no Enter of its own.
  if (all.some(({ value }) => value === begun)) return null;
  const items = all.filter(({ value }) => value.startsWith(begun));
  return items.length > 0 ? items : null;
}

function listCommands(): Completion[] {
  const names = settingsCommandNames.map((name) => ({
    value: name as string,
    label: name as string,
    description: settingsCommands[name].description,
  }));
  return [...names, { value: "help", label: "help", description: "What there is" }];
}

function listFlags(begun: string): Completion[] {
  const before = begun.slice(0, begun.lastIndexOf(" ") + 1);
  const name = settingsCommandNames.find((known) => before.startsWith(`${known} `));
  const isBegun = begun.length > before.length;
  if (name === undefined || !isBegun) return [];
  const flags = Object.entries(flagMeanings) as [SettingsFlag, string][];
  return flags
    .filter(([flag]) => settingsFlagUses[flag].some((use) => use === name))
    .filter(([flag]) => !before.includes(` --${flag} `))
    .map(([flag, description]) => ({
      value: `${before}--${flag}`,
      label: `--${flag}`,
      description,
    }));
}
