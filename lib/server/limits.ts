/**
 * Limits of the platform that OpenSync runs on (Convex), with its texts. The embedded server
 * could store more, but then a client that works with it would fail on the real service.
 */
export const requestBytesMax = 20 * 1024 * 1024;
const argumentBytesMax = 16 * 1024 * 1024;
const documentBytesMax = 1024 * 1024;
const documentNestingMax = 16;
const argumentNestingMax = 64;
const arrayLengthMax = 8192;
const objectFieldsMax = 1024;
const fieldNameLengthMax = 1024;

/** How large a JSON value is on the platform. */
export interface Measure {
  bytes: number;
  /** 0 for a scalar, 1 for an object or array of scalars. */
  nesting: number;
}

/**
 * Measures a value as the platform stores it.
 *
 * @param depth levels of the arguments around the value
 * @throws Error for what no argument may contain: too deep or wide values, field names that are
 *   not printable ASCII or start with "$", halves of surrogate pairs.
 */
export function measureValue(value: unknown, depth: number): Measure {
  if (typeof value === "string") return { bytes: stringBytes(value), nesting: 0 };
  if (typeof value === "number") return { bytes: 9, nesting: 0 };
  if (typeof value !== "object" || value === null) return { bytes: 1, nesting: 0 };
  if (depth >= argumentNestingMax) throw tooNested("Value", depth + 1, argumentNestingMax);
  return Array.isArray(value) ? measureArray(value, depth) : measureObject(value, depth);
}

/** Bytes that a string takes in a document. */
export function stringBytes(text: string): number {
  if (!text.isWellFormed()) {
    throw new Error("Received invalid json: lone leading surrogate in hex escape");
  }
  return Buffer.byteLength(text) + 2;
}

/** Why a document cannot be stored; `nesting` counts the document itself. */
export function documentRefusal({ bytes, nesting }: Measure): Error | undefined {
  if (nesting > documentNestingMax) return tooNested("Document", nesting, documentNestingMax);
  if (bytes <= documentBytesMax) return undefined;
  const size = (bytes / documentBytesMax).toFixed(2);
  return new Error(`Value is too large (${size} MiB > maximum size 1 MiB)`);
}

/** @throws Error when an array is longer than the platform takes. */
export function checkArrayLength(length: number): void {
  if (length <= arrayLengthMax) return;
  throw new Error(`Array length is too long (${length} > maximum length ${arrayLengthMax})`);
}

/** @throws Error when one call's arguments are larger than the platform takes. */
export function checkArgumentBytes(bytes: number): void {
  if (bytes <= argumentBytesMax) return;
  throw new Error(
    `Function arguments size is too large (actual: ${bytes} bytes, limit: ${argumentBytesMax} bytes)`,
  );
}

function measureArray(items: unknown[], depth: number): Measure {
  checkArrayLength(items.length);
  const total: Measure = { bytes: 2, nesting: 0 };
  for (const item of items) addTo(total, measureValue(item, depth + 1));
  return { bytes: total.bytes, nesting: total.nesting + 1 };
}

function measureObject(object: object, depth: number): Measure {
  const fields = Object.entries(object);
  if (fields.length > objectFieldsMax) {
    throw new Error(
      `Object has too many fields (${fields.length} > maximum number ${objectFieldsMax})`,
    );
  }
  const total: Measure = { bytes: 2, nesting: 0 };
  for (const [name, value] of fields) {
    checkFieldName(name);
    total.bytes += name.length + 1;
    addTo(total, measureValue(value, depth + 1));
  }
  return { bytes: total.bytes, nesting: total.nesting + 1 };
}

function addTo(total: Measure, item: Measure): void {
  total.bytes += item.bytes;
  total.nesting = Math.max(total.nesting, item.nesting);
}

function checkFieldName(name: string): void {
  if (name.startsWith("$")) {
    throw new Error(`Field name ${name} starts with '$', which is reserved.`);
  }
  if (name.length > fieldNameLengthMax) {
    throw new Error(`Field name is too long (${name.length} > maximum ${fieldNameLengthMax})`);
  }
  if (!/^[\x20-\x7e]*$/.test(name)) {
    throw new Error(
      `Field name ${JSON.stringify(name)} has an invalid character: field names can only contain non-control ASCII characters`,
    );
  }
}

function tooNested(what: string, levels: number, max: number): Error {
  return new Error(`${what} is too nested (nested ${levels} levels deep > maximum nesting ${max})`);
}
