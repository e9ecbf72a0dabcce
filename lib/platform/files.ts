import { randomBytes } from "node:crypto";
import { chmod, mkdir, open, realpath, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** For files that hold keys, and the folders that hold such files. */
export const privateFileMode = 0o600;
const privateDirMode = 0o700;

/** Makes a folder that only its owner can enter, and its parents. */
export async function makePrivateDir(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: privateDirMode });
}

/** As `replaceFile`, for a file that its owner alone can read, and so a folder made for it. */
export async function writePrivateFile(path: string, content: string | Uint8Array): Promise<void> {
  await makePrivateDir(dirname(path));
  await replaceFile(path, content, privateFileMode);
}

/**
 * Replaces a file as a whole: readers see the old content or the new, never a part, also after a
 * power cut. `mode` are its permissions. Its folder is there already.
 */
export async function replaceFile(
  path: string,
  content: string | Uint8Array,
  mode: number,
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    const file = await open(temporary, "wx", mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await chmod(temporary, mode);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Where a path leads, for writing there: a link stays a link. What is not there leads nowhere else. */
export async function followLink(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (isNotFound(error)) return path;
    throw error;
  }
}

/** Whether an error says that a file or folder is not there. */
export function isNotFound(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
