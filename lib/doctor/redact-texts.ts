import type { Redactor } from "../redact/redact.ts";
import { mapTexts } from "./map-texts.ts";

/**
 * A plain value with the secrets of this machine replaced in all of its texts: programs and servers
 * say what they like, and sources of packages can have a password in them.
 */
export function redactTexts<T>(value: T, redactor: Redactor): T {
  return mapTexts(value, (text) => redactor.redactText(text).value);
}
