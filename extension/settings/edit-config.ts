import { AppError } from "../../lib/errors.ts";
import { configure } from "../../lib/settings/commands/config.ts";
import type { CommandOptions, Dialogue } from "../../lib/settings/commands/dialogue.ts";
import { settingsFields } from "../../lib/settings/config/schema.ts";
import type { SettingsTools } from "../../lib/settings/context.ts";
import type { SettingsNotice } from "./memory.ts";
import { describeError } from "./tools.ts";

/** Lets fields of the configuration be chosen and changed, one after the other, until the person leaves. */
export async function editConfig(
  tools: SettingsTools,
  dialogue: Dialogue,
  options: CommandOptions,
  say: (notice: SettingsNotice) => void,
): Promise<void> {
  // Nearly all stand in our file.
  const ofFile = `  (${tools.paths.configFile})`;
  for (;;) {
    const { lines } = await configure(tools, dialogue, options);
    const field = await dialogue.choose(
      "Settings sync (Esc leaves)",
      settingsFields.map((name, index) => ({
        value: name,
        label: (lines[index] ?? name).replace(ofFile, ""),
      })),
    );
    if (field === undefined) return;
    try {
      await configure(tools, dialogue, { ...options, words: [field] });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      say({ text: describeError(error), level: "error" });
    }
  }
}
