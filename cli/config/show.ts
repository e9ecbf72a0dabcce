import { configFields } from "../../lib/config/schema.ts";
import type { Config, ConfigField } from "../../lib/config/schema.ts";
import type { ConfigOrigin } from "../../lib/config/resolve.ts";
import { describeKey } from "../../lib/config/secret.ts";
import { formatTable, printable } from "../ui/format.ts";
import { wrapWords } from "../ui/wrap.ts";

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

/** On narrower terminals a value stands below its name. */
const tableWidthMin = 60;

/** All values below each other, with where they come from if that is asked for. */
export function renderConfig(
  values: Config,
  origin: Record<ConfigField, ConfigOrigin> | undefined,
  width = Infinity,
): string {
  const rows = configFields.map((field) => ({
    names: origin === undefined ? [field] : [field, origin[field]],
    text: describeValue(showValue(field, values[field])),
  }));
  if (width >= tableWidthMin)
    return `${formatTable(rows.map(({ names, text }) => [...names, text]))}\n`;
  return rows
    .map(({ names, text }) => `${names.join(", ")}\n${wrapWords(`    ${text}`, width)}\n`)
    .join("");
}
