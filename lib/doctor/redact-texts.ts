import type { Redactor } from "../redact/redact.ts";

/**
 * A plain value with the secrets of this machine replaced in all of its texts: programs and servers
 * say what they like, and sources of packages can have a password in them.
 */
export function redactTexts<T>(value: T, redactor: Redactor): T {
  return mapTexts(value, (text) => redactor.redactText(text).value) as T;
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).map(([name, field]) => [name, mapTexts(field, change)]);
  return Object.fromEntries(fields);
}
