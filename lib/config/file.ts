import { readFile, stat } from "node:fs/promises";
import { AppError, messageOf } from "../errors.ts";
import { followLink, isNotFound, writePrivateFile } from "../platform/files.ts";
import { asRecord } from "../session/value.ts";
import { parseJsonObject } from "./json-object.ts";
import type { ConfigProblem } from "./resolve.ts";

/** What a configuration file holds: our fields, not checked yet, and any others. */
export type ConfigFile = Readonly<Record<string, unknown>>;

/**
 * Reads the configuration file; `{}` when there is none.
 *
 * @throws AppError "config" when it cannot be read or is not a JSON object.
 */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  const text = await readText(path);
  return text === undefined ? {} : parseJsonObject(path, text);
}

/**
 * Changes fields of the configuration file and keeps the rest, in its order; a field that is set
 * to undefined is removed. The new file can be read by its owner alone. Where the file is a
 * symbolic link, what it points to is written.
 *
 * @throws AppError "config" when the file is there and cannot be read: it is not overwritten then.
 */
export async function updateConfigFile(
  path: string,
  changes: Readonly<Record<string, unknown>>,
): Promise<void> {
  const content = { ...(await readConfigFile(path)), ...changes };
  // JSON leaves out fields that are undefined.
  const text = `${JSON.stringify(content, null, 2)}\n`;
  await writePrivateFile(await followLink(path), text);
}

/** A configuration file with a key in it that others on this machine can read, on POSIX systems. */
export async function findExposedKey(
  path: string,
  file: ConfigFile,
  platform: string,
): Promise<ConfigProblem | undefined> {
  const key = [file, asRecord(file["settings"]) ?? {}].map(findKey).find((name) => name);
  if (platform === "win32" || key === undefined) return undefined;
  const mode = (await stat(path)).mode & 0o777;
  if ((mode & 0o077) === 0) return undefined;
  return {
    message: `${path} holds your ${key}, and others on this machine can read it (mode ${mode.toString(8)}).`,
    hint: `Run: chmod 600 ${path}`,
  };
}

/** Fields that hold a key, ours and those of settings sync, with the words for it. */
const keyFields = {
  apiKey: "API key",
  secretAccessKey: "secret access key",
  sessionToken: "session token",
  encryptionKey: "encryption key",
};

/** What the first key is called that stands there itself, and not by a variable or a command. */
function findKey(fields: ConfigFile): string | undefined {
  return Object.entries(keyFields).find(([field]) => {
    const value = fields[field];
    return typeof value === "string" && !/^[$!]/.test(value);
  })?.[1];
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, "utf8")).replace(/^\uFEFF/, "");
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw new AppError("config", `Could not read ${path}: ${messageOf(error)}`, {
      hint: "Check that it is a file and belongs to you.",
      cause: error,
    });
  }
}
