import { parseJsonObject } from "../config/json-object.ts";

/** What pi's settings.json holds. */
export type PiSettings = Readonly<Record<string, unknown>>;

/**
 * The settings that a text holds; none where it is empty, as pi has it too. `path` is for messages.
 *
 * @throws AppError "config" where the text is no JSON object
 */
export function parseSettings(path: string, text: string): PiSettings {
  const json = text.replace(/^\uFEFF/, "");
  return json.trim() === "" ? {} : parseJsonObject(path, json);
}

/** Settings as text, in the style of the text that they replace; pi's own style where it has none. */
export function formatSettings(settings: PiSettings, before: string): string {
  const indentation = /^[ \t]+(?=")/m.exec(before)?.[0] ?? "  ";
  const mark = before.startsWith("\uFEFF") ? "\uFEFF" : "";
  const end = before === "" || before.endsWith("\n") ? "\n" : "";
  const text = `${mark}${JSON.stringify(settings, null, indentation)}${end}`;
  return before.includes("\r\n") ? text.replaceAll("\n", "\r\n") : text;
}
