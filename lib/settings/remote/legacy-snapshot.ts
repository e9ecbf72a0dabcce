import { asRecord } from "../../session/value.ts";
import { hashContent } from "../hash.ts";
import { isSha256, verifyPath } from "./commit.ts";
import { fileBytesMax, filesMax } from "./limits.ts";
import type { Profile } from "./profile.ts";
import { verify } from "./verify.ts";

/** The version that pi-sync 0.1 writes into all of its objects. */
export const legacyVersion = 1;

/**
 * The files of a snapshot of pi-sync 0.1, of each the part that is shared. Larger ones than are
 * synced are left out; `verify` says what is thrown.
 */
export function decodeLegacyFiles(
  { files }: Record<string, unknown>,
  toShared: Profile["toShared"],
  where: string,
): Map<string, Uint8Array> {
  verify(Array.isArray(files) && files.length <= filesMax, where, "its files can't be read");
  const all = new Map<string, Uint8Array>();
  const seen = new Set<string>();
  for (const file of files) {
    const { path, contentBase64, sha256 } = asRecord(file) ?? {};
    verifyPath(path, where);
    verify(!seen.has(path), where, "a file in it is there twice");
    seen.add(path);
    verify(isSha256(sha256) && typeof contentBase64 === "string", where, "a file can't be read");
    const content = Buffer.from(contentBase64, "base64");
    verify(hashContent(content) === sha256, where, "a file in it is not what its SHA-256 says");
    const shared = toShared(path, content);
    if (shared !== undefined && shared.length <= fileBytesMax) all.set(path, shared);
  }
  return all;
}
