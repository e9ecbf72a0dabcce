import { isUtf8 } from "node:buffer";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

import { AppError } from "../../errors.ts";
import { asRecord } from "../../session/value.ts";
import type { RemoteFile } from "../file-state.ts";
import { hashContent } from "../hash.ts";
import { isSha256 } from "./commit.ts";
import { decodeLegacyFiles, legacyVersion } from "./legacy-snapshot.ts";
import { filesMax, snapshotBytesMax, snapshotTextBytesMax } from "./limits.ts";
import { mapParallel } from "./parallel.ts";
import { nameObject } from "./profile.ts";
import type { Profile } from "./profile.ts";
import { isSealed } from "./seal.ts";
import type { Seal } from "./seal.ts";
import { formatVersion, parseObject, unzipBounded, verify, verifyVersion } from "./verify.ts";

const zip = promisify(gzip);

export const snapshotPrefix = "snapshots/";
const keyEnd = ".json.gz";
/** Each may hold hundreds of megabytes. */
const snapshotsAtOnce = 4;

/** Contents by their SHA-256 in hex. */
export type Contents = ReadonlyMap<string, Uint8Array>;

/** The key of a snapshot, below the profile's root. */
export function snapshotKey(id: string): string {
  return `${snapshotPrefix}${id}${keyEnd}`;
}

/** The id of the snapshot that a key below the profile's root is of. */
export function readSnapshotId(key: string): string {
  return key.slice(snapshotPrefix.length, -keyEnd.length);
}

/**
 * Encodes a snapshot: contents as text where they are UTF-8, compressed, then sealed.
 *
 * @throws AppError "refused" where it would be too large
 */
export async function encodeSnapshot(
  id: string,
  contents: Contents,
  seal: Seal | undefined,
): Promise<Uint8Array> {
  let bytes = 0;
  for (const { length } of contents.values()) bytes += length;
  if (bytes > snapshotTextBytesMax / 2) throw tooLarge();
  const files = [...contents].map(([sha256, content]) => {
    const buffer = Buffer.from(content.buffer, content.byteOffset, content.length);
    return isUtf8(content)
      ? { sha256, text: buffer.toString("utf8") }
      : { sha256, base64: buffer.toString("base64") };
  });
  const json = Buffer.from(JSON.stringify({ version: formatVersion, id, files }));
  const zipped = await zip(json);
  const sealed = seal === undefined ? zipped : await seal.seal(zipped);
  if (json.length > snapshotTextBytesMax || sealed.length > snapshotBytesMax) throw tooLarge();
  return sealed;
}

function tooLarge(): AppError {
  return new AppError("refused", "The files are too large to be synced together.", {
    hint: "Exclude some of the large ones.",
  });
}

/** Decodes a snapshot, also one of pi-sync 0.1, and checks every content; `verify` says what is thrown. */
async function decodeSnapshot(profile: Profile, id: string, bytes: Uint8Array): Promise<Contents> {
  const where = nameObject(profile, snapshotKey(id));
  const zipped = isSealed(bytes) ? await profile.seal?.open(bytes).catch(() => undefined) : bytes;
  verify(zipped, where, "it can't be decrypted");
  const record = parseObject(await unzipBounded(zipped, snapshotTextBytesMax, where), where);
  if (record["version"] === legacyVersion) {
    const files = decodeLegacyFiles(record, profile.toShared, where);
    return new Map([...files.values()].map((content) => [hashContent(content), content]));
  }
  verifyVersion(record, where);
  const { files } = record;
  verify(record["id"] === id, where, "it belongs to another commit");
  verify(Array.isArray(files) && files.length <= filesMax, where, "its files can't be read");
  return new Map(files.map((file) => decodeContent(file, where)));
}

function decodeContent(value: unknown, where: string): [string, Uint8Array] {
  const { sha256, text, base64 } = asRecord(value) ?? {};
  const encoded = text ?? base64;
  verify(isSha256(sha256) && typeof encoded === "string", where, "a file in it can't be read");
  const content = Buffer.from(encoded, text === undefined ? "base64" : "utf8");
  verify(hashContent(content) === sha256, where, "a file in it is not what its SHA-256 says");
  return [sha256, content];
}

/**
 * Reads the contents of files, each snapshot once.
 *
 * @throws AppError "refused" where one is missing or damaged
 */
export async function readContents(
  profile: Profile,
  files: Iterable<RemoteFile>,
  signal: AbortSignal,
): Promise<Map<string, Uint8Array>> {
  const bySnapshot = new Map<string, RemoteFile[]>();
  const planned = new Set<string>();
  for (const file of files) {
    if (planned.has(file.sha256)) continue;
    planned.add(file.sha256);
    const group = bySnapshot.get(file.snapshot);
    if (group) group.push(file);
    else bySnapshot.set(file.snapshot, [file]);
  }
  const found = await mapParallel([...bySnapshot], snapshotsAtOnce, async ([id, wanted]) => {
    const contents = await fetchSnapshot(profile, id, signal);
    return wanted.map(({ sha256, bytes }) => {
      const content = contents.get(sha256);
      const isWhole = content?.length === bytes;
      verify(content && isWhole, nameObject(profile, snapshotKey(id)), "a file is not in it");
      return [sha256, content] as const;
    });
  });
  return new Map(found.flat());
}

async function fetchSnapshot(profile: Profile, id: string, signal: AbortSignal): Promise<Contents> {
  const key = snapshotKey(id);
  const { store, root } = profile;
  const bytes = await store.get(root + key, { bytesMax: snapshotBytesMax, signal });
  if (bytes !== undefined) return decodeSnapshot(profile, id, bytes);
  throw new AppError("refused", `${nameObject(profile, key)} is missing, and files are in it.`, {
    hint: "Try again. If it stays so, restore it from a backup, or push the files again from a machine that has them.",
  });
}
