import { AppError } from "../../errors.ts";
import { startDeadline } from "../../platform/deadline.ts";
import { asRecord, asString } from "../../session/value.ts";
import type { RemoteFile } from "../file-state.ts";
import { hashContent } from "../hash.ts";
import { isSha256, isSnapshotId } from "./commit.ts";
import type { Commit } from "./commit.ts";
import { decodeLegacyFiles, legacyVersion } from "./legacy-snapshot.ts";
import { pointerBytesMax, snapshotBytesMax, snapshotTextBytesMax } from "./limits.ts";
import { nameObject } from "./profile.ts";
import type { Profile } from "./profile.ts";
import { snapshotKey } from "./snapshot.ts";
import { formatVersion, parseObject, unzipBounded, verify } from "./verify.ts";

const latestKey = "latest.json";
const writeTimeoutMs = 10_000;

/** What `latest.json` holds; empty where there is none. */
export type Latest = Readonly<Record<string, unknown>>;

/** Reads `latest.json`. One that can't be understood is somebody else's. */
export async function readLatest(
  { store, root }: Profile,
  signal: AbortSignal,
): Promise<Latest | undefined> {
  const bytes = await store.get(root + latestKey, { bytesMax: pointerBytesMax, signal });
  if (bytes === undefined) return undefined;
  try {
    return asRecord(JSON.parse(new TextDecoder().decode(bytes))) ?? {};
  } catch {
    return {};
  }
}

/** Whether `latest.json` may be written over. */
export function isLatestOurs(latest: Latest | undefined): boolean {
  return latest === undefined || latest["version"] === formatVersion;
}

/**
 * Notes the newest commit in `latest.json`, for people who look, and so that pi-sync 0.1 does not
 * take the storage for an empty one. Nothing relies on it, so a failure is none.
 */
export async function writeLatest(
  { store, root }: Profile,
  { number, id, createdAt }: Commit,
  signal: AbortSignal,
): Promise<void> {
  const at = new Date(createdAt).toISOString();
  const text = JSON.stringify({ version: formatVersion, number, id, createdAt: at });
  const deadline = startDeadline(writeTimeoutMs, signal);
  try {
    await store.put(root + latestKey, Buffer.from(`${text}\n`), deadline);
  } catch (error) {
    if (!(error instanceof AppError) && !deadline.signal.aborted) throw error;
  } finally {
    deadline.end();
  }
}

/**
 * Reads the files that pi-sync 0.1 stored, if `latest.json` is its.
 *
 * @throws AppError "refused" where they are missing or damaged
 */
export async function readLegacyFiles(
  profile: Profile,
  latest: Latest | undefined,
  signal: AbortSignal,
): Promise<Map<string, RemoteFile> | undefined> {
  if (latest?.["version"] !== legacyVersion) return undefined;
  const id = asString(latest["snapshot"]) ?? "";
  const { sha256 } = latest;
  const isPointer = isSnapshotId(id) && isSha256(sha256);
  verify(isPointer, nameObject(profile, latestKey), "it points to no snapshot of pi-sync");
  const where = nameObject(profile, snapshotKey(id));
  const { store, root } = profile;
  const bytes = await store.get(root + snapshotKey(id), { bytesMax: snapshotBytesMax, signal });
  verify(bytes && hashContent(bytes) === sha256, where, "it is not what latest.json says");
  const record = parseObject(await unzipBounded(bytes, snapshotTextBytesMax, where), where);
  verify(record["version"] === legacyVersion, where, "it was not written by pi-sync 0.1");
  const contents = decodeLegacyFiles(record, profile.toShared, where);
  return new Map(
    [...contents].map(([path, content]) => [
      path,
      { sha256: hashContent(content), bytes: content.length, isExecutable: false, snapshot: id },
    ]),
  );
}
