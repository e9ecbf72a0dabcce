import { promisify } from "node:util";
import { gunzip } from "node:zlib";

import { AppError } from "../../errors.ts";
import { asRecord } from "../../session/value.ts";

const unzip = promisify(gunzip);

/** The version of everything that is written to the storage. */
export const formatVersion = 2;

/**
 * Checks something that the storage holds. `where` names the object, and `what` is wrong otherwise.
 *
 * @throws AppError "refused"
 */
export function verify(condition: unknown, where: string, what: string): asserts condition {
  if (condition) return;
  throw new AppError("refused", `${where} is damaged: ${what}.`, {
    hint: "Restore it from a backup of the storage, or use another profile.",
  });
}

/** The JSON object that an object holds, of whatever version; `verify` says what is thrown. */
export function parseObject(bytes: Uint8Array, where: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // Neither JSON, nor text: what was parsed is not quoted, it may hold a secret.
  }
  const record = asRecord(value);
  verify(record, where, "it holds no JSON object");
  return record;
}

/**
 * Checks the version of an object.
 *
 * @throws AppError "refused" where it is not the one that is written today
 */
export function verifyVersion(record: Record<string, unknown>, where: string): void {
  const { version } = record;
  if (typeof version === "number" && version > formatVersion) {
    throw new AppError("refused", `${where} was written by a newer version of pi-opensync.`, {
      hint: "Update pi-opensync on this machine.",
    });
  }
  verify(version === formatVersion, where, "it has no version that pi-opensync writes");
}

/** Decompresses what may be a bomb; `verify` says what is thrown. */
export async function unzipBounded(
  bytes: Uint8Array,
  bytesMax: number,
  where: string,
): Promise<Uint8Array> {
  const content = await unzip(bytes, { maxOutputLength: bytesMax }).catch(() => undefined);
  verify(content, where, `it is not compressed by gzip, or holds more than ${bytesMax} bytes`);
  return content;
}

/** Whether a value is a whole number within bounds. */
export function isCount(value: unknown, min: number, max: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
}
