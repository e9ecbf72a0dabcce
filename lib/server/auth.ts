import { randomBytes, timingSafeEqual } from "node:crypto";
import { chmod, link, readFile, rm } from "node:fs/promises";
import { AppError } from "../errors.ts";
import { isNotFound, privateFileMode, writePrivateFile } from "../platform/files.ts";

/**
 * The server's API key, which only its owner can read; makes one if there is none.
 *
 * @throws AppError `io` when the file holds something else
 */
export async function loadApiKey(path: string): Promise<string> {
  const stored = await readKeyFile(path);
  if (stored === undefined) {
    await offerKey(path, `osk_${randomBytes(24).toString("base64url")}`);
    return loadApiKey(path);
  }
  if (!/^osk_[\w-]{32}$/.test(stored)) {
    throw new AppError("io", `The file ${path} does not hold an API key.`, {
      hint: "Delete it, and the next start makes a new key.",
    });
  }
  await chmod(path, privateFileMode);
  return stored;
}

/**
 * Why a request may not pass, in OpenSync's words (contract, section 2); undefined when it may.
 *
 * @param isKeyOnly for `/sync/sessions/list`, which knows no other tokens
 */
export function authError(
  request: Request,
  apiKey: string,
  isKeyOnly: boolean,
): string | undefined {
  const header = request.headers.get("authorization") ?? "";
  if (header.startsWith("Bearer osk_")) {
    return isEqual(header.slice("Bearer ".length), apiKey) ? undefined : "Invalid API key";
  }
  if (isKeyOnly) return "Invalid API key format";
  return header.startsWith("Bearer ") ? "Invalid or expired token" : "Missing Authorization header";
}

/** Makes the file, whole, unless another start on the same folder was faster. */
async function offerKey(path: string, key: string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString("hex")}.new`;
  await writePrivateFile(draft, `${key}\n`);
  try {
    await link(draft, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function readKeyFile(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Compares in a time that does not tell how much of the key is right. */
function isEqual(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}
