import { asRecord } from "../session/value.ts";

/** JSON as text in which the fields of objects stand in order: equal values are equal texts. */
export function canonicalJson(value: unknown, indentation?: string): string {
  return JSON.stringify(value, sortFields, indentation) ?? "";
}

function sortFields(_name: string, value: unknown): unknown {
  const record = asRecord(value);
  return record
    ? Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;
}

/** Whether two JSON values, or their absence, mean the same. The order of fields does not matter. */
export function isSameJson(a: unknown, b: unknown): boolean {
  return a === b || canonicalJson(a) === canonicalJson(b);
}

/** The field of an object, undefined where it has none of its own: `__proto__` is a name as any. */
export function ownField(record: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** Whether objects and lists stand deeper within each other than in any file that a person wrote. */
export function isNestedTooDeeply(value: unknown, levels = 100): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isNestedTooDeeply(item, levels - 1));
}
