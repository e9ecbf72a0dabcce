import { configFields } from "../../lib/config/schema.ts";
import type { Config, ConfigField } from "../../lib/config/schema.ts";
import type { ConfigOrigin } from "../../lib/config/resolve.ts";
import { describeKey } from "../../lib/config/secret.ts";
import { formatTable, printable } from "../ui/format.ts";

/** A value that may be shown: a key is masked. Null where there is none. */
export function showValue(
  field: ConfigField,
  value: Config[ConfigField],
): boolean | string | string[] | null {
  if (value === undefined) return null;
  return field === "apiKey" ? describeKey(String(value)) : value;
}

/** A value in words. */
export function describeValue(value: ReturnType<typeof showValue>): string {
  return printable([value ?? "not set"].flat().join(", ")) || "none";
}

/** All values below each other, with where they come from if that is asked for. */
export function renderConfig(
  values: Config,
  origin: Record<ConfigField, ConfigOrigin> | undefined,
): string {
  const rows = configFields.map((field) => {
    const value = showValue(field, values[field]);
    const text = describeValue(value);
    return origin === undefined ? [field, text] : [field, origin[field], text];
  });
  return `${formatTable(rows)}\n`;
}
