import { expect, test } from "bun:test";

import { spellCommands } from "../../../../lib/settings/commands/spell-commands.ts";

test.each([
  ["'pull' brings them back.", "'/pisync pull' brings them back."],
  [
    "'resolve PATH mine' keeps this machine's.",
    "'/pisync resolve PATH mine' keeps this machine's.",
  ],
  [
    "Next: 'sync' (or 'diff' to look first).",
    "Next: '/pisync sync' (or '/pisync diff' to look first).",
  ],
  ["Run 'pi-opensync settings init'.", "Run 'pi-opensync settings init'."],
  ["The machine's sync, and 'synced' or 'mine'.", "The machine's sync, and 'synced' or 'mine'."],
])("%s", (text, spelled) => {
  expect(spellCommands(text, "/pisync")).toBe(spelled);
});
