import { cutText } from "./cut-text.ts";

/** Convex stores documents of 16 levels; the part around a value takes the first. */
const depthMax = 12;
/** A stack has an end: what lies deeper than this is not looked at. */
const depthSeen = 100;
const fieldsMax = 1000;
const itemsMax = 8000;
const fieldNameCharsMax = 1000;
/** Room for what stands beside one long string. */
const otherFieldsBytes = 4096;
/** The longest string that stays whole in a value that is too large as a whole. */
const stringBytesMax = 64 * 1024;

/**
 * A JSON value as OpenSync can store it (contract, section 9). An object with a name that Convex
 * refuses (`$ref`, anything beyond ASCII) or with too many fields arrives as a list of names and
 * values; what is nested too deep or too long a list, as its JSON text; long strings are cut.
 */
export function storableJson(value: unknown, bytesMax: number): unknown {
  const stored = store(value, 1, Math.max(bytesMax - otherFieldsBytes, stringBytesMax));
  if (storedBytes(stored) <= bytesMax) return stored;
  const shortened = store(stored, 1, stringBytesMax);
  return storedBytes(shortened) <= bytesMax ? shortened : shrink(shortened, bytesMax);
}

/**
 * The value, or its JSON text where it is nested deeper than anyone who walks through it has stack
 * for. Tools can be called with anything.
 */
export function walkable(value: unknown): unknown {
  return isDeeper(value, depthSeen) ? asText(value, Infinity) : value;
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((item) => isDeeper(item, depth - 1));
}

/** About the size of a JSON value in the database. */
export function storedBytes(value: unknown, depth = 0): number {
  if (typeof value === "string") return Buffer.byteLength(value) + 4;
  if (typeof value !== "object" || value === null || depth > depthSeen) return 9;
  if (Array.isArray(value)) {
    return value.reduce<number>((sum, item) => sum + storedBytes(item, depth + 1), 4);
  }
  return Object.entries(value).reduce(
    (sum, [name, item]) => sum + name.length + 4 + storedBytes(item, depth + 1),
    4,
  );
}

function store(value: unknown, depth: number, stringMax: number): unknown {
  if (typeof value === "string") return cutText(value.toWellFormed(), stringMax);
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value !== "object" || value === null) return value;
  if (depth > depthMax) return asText(value, stringMax);
  if (Array.isArray(value)) {
    if (value.length > itemsMax) return asText(value, stringMax);
    return value.map((item) => store(item, depth + 1, stringMax));
  }
  const fields = Object.entries(value);
  const isStorable = fields.length <= fieldsMax && fields.every(([name]) => isFieldName(name));
  if (!isStorable) {
    const list = fields.map(([name, item]) => ({ name, value: item }));
    return store(list, depth, stringMax);
  }
  return Object.fromEntries(
    fields.map(([name, item]) => [name, store(item, depth + 1, stringMax)]),
  );
}

function isFieldName(name: string): boolean {
  return (
    name.length <= fieldNameCharsMax &&
    name !== "__proto__" &&
    !name.startsWith("$") &&
    /^[\x20-\x7e]*$/.test(name)
  );
}

function asText(value: unknown, bytesMax: number): string {
  try {
    return cutText((JSON.stringify(value) ?? "").toWellFormed(), bytesMax);
  } catch {
    return "[nested too deep to be shown]";
  }
}

/** Each field gets its share of the room; one that needs more becomes text, cut to its share. */
function shrink(value: unknown, bytesMax: number): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return asText(value, bytesMax);
  }
  const fields = Object.entries(value);
  const share = Math.floor(bytesMax / fields.length);
  return Object.fromEntries(
    fields.map(([name, item]) => {
      const room = share - name.length - 8;
      return [name, storedBytes(item) <= room ? item : asText(item, Math.max(0, room))];
    }),
  );
}
