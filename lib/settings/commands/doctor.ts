import type { SettingsTools } from "../context.ts";
import type { CommandOptions, Dialogue, Report } from "./dialogue.ts";

/** `doctor`: checks configuration, storage, lock and secrets. */
export async function examine(
  _tools: SettingsTools,
  _dialogue: Dialogue,
  _options: CommandOptions,
): Promise<Report> {
  throw new Error("not written yet");
}
