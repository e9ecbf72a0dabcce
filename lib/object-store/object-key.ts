import { AppError } from "../errors.ts";

/**
 * Checks a key before it becomes part of an address or a path.
 *
 * @throws AppError "refused" for an empty key, one with a name `.` or `..`, which web addresses and
 * file systems take for steps, and one with a NUL or half a character, which neither can hold
 */
export function checkKey(key: string): void {
  const names = key.split("/");
  const isFit =
    key !== "" &&
    !key.includes("\0") &&
    key.isWellFormed() &&
    !names.includes(".") &&
    !names.includes("..");
  if (!isFit) throw new AppError("refused", `${JSON.stringify(key)} can't be an object's key.`);
}

/** Puts keys into the order of their UTF-8 bytes, each of them once. */
export function sortKeys(keys: Iterable<string>): string[] {
  const sorted = [...new Set(keys)].map((key) => ({ key, bytes: Buffer.from(key) }));
  return sorted.sort((a, b) => Buffer.compare(a.bytes, b.bytes)).map(({ key }) => key);
}

/** Whether a key belongs into a list: it begins with `prefix`, and is behind `after`, if given. */
export function isListed(key: string, prefix: string, after: string | undefined): boolean {
  return key.startsWith(prefix) && (after === undefined || isBehind(key, after));
}

function isBehind(key: string, after: string): boolean {
  return Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0;
}

/** Whether two objects hold the same. */
export function isSameBody(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
