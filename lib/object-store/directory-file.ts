import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

import { AppError } from "../errors.ts";
import { isNotFound, privateFileMode } from "../platform/files.ts";
import { toFileName } from "./directory-name.ts";
import { checkKey } from "./object-key.ts";

const privateDirMode = 0o700;
/** Files that are being written. No key's name begins with a dot, so they are never listed. */
export const temporaryName = /^\.tmp-[\da-f]{16}$/;

/** An object's bytes; undefined where there is none. */
export async function readObject(
  root: string,
  key: string,
  bytesMax: number,
): Promise<Uint8Array | undefined> {
  let file: FileHandle;
  try {
    file = await open(pathOf(root, key), readFlags);
  } catch (error) {
    if (!isMissing(error)) throw error;
    await checkRoot(root);
    return undefined;
  }
  try {
    const facts = await file.stat();
    if (facts.isDirectory()) return undefined;
    if (!facts.isFile()) throw new AppError("refused", `${key} in ${root} is not a file.`);
    if (facts.size > bytesMax) {
      throw new AppError("refused", `${key} in ${root} has more than ${bytesMax} bytes.`);
    }
    return await readBytes(file, facts.size);
  } finally {
    await file.close();
  }
}

// Somebody else may have put a link or a pipe there: one leads out of the folder, one never ends.
const readFlags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

async function readBytes(file: FileHandle, size: number): Promise<Uint8Array> {
  const bytes = Buffer.alloc(size);
  let count = 0;
  while (count < size) {
    const { bytesRead } = await file.read(bytes, count, size - count, count);
    if (bytesRead === 0) break;
    count += bytesRead;
  }
  return bytes.subarray(0, count);
}

/** A folder that is not there holds nothing; one on a drive that is not there is an error. */
export async function checkRoot(root: string): Promise<void> {
  try {
    await stat(root);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    await stat(dirname(root));
  }
}

/** Writes the body beside its place, and has it brought there. */
export async function withTemporary<T>(
  root: string,
  key: string,
  body: Uint8Array,
  bring: (temporary: string, target: string) => Promise<T>,
): Promise<T> {
  const target = pathOf(root, key);
  const dir = dirname(target);
  await makeDirs(root, dir);
  const temporary = join(dir, `.tmp-${randomBytes(8).toString("hex")}`);
  try {
    const file = await open(temporary, "wx", privateFileMode);
    try {
      await file.writeFile(body);
      await file.sync();
    } finally {
      await file.close();
    }
    const result = await bring(temporary, target);
    await flushDir(dir);
    return result;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function makeDirs(root: string, dir: string): Promise<void> {
  try {
    await mkdir(root, { mode: privateDirMode });
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  }
  await mkdir(dir, { recursive: true, mode: privateDirMode });
}

/** Makes a new name last through a power cut. Not every system can, or has to. */
async function flushDir(dir: string): Promise<void> {
  try {
    const folder = await open(dir, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch {
    // The object is there; only a power cut within the next seconds could take it.
  }
}

/** Removes an object, if it is there. */
export async function removeObject(root: string, key: string): Promise<void> {
  try {
    await rm(pathOf(root, key));
  } catch (error) {
    if (!isMissing(error)) throw error;
    await checkRoot(root);
  }
}

function pathOf(root: string, key: string): string {
  checkKey(key);
  return join(root, ...key.split("/").map(toFileName));
}

/** Not there, or something else is: a file where the key has a folder. */
export function isMissing(error: unknown): boolean {
  return isNotFound(error) || codeOf(error) === "ENOTDIR";
}

/** The system's word for an error. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
}
