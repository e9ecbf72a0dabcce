import { AppError } from "../../errors.ts";
import type { ObjectStore } from "../../object-store/object-store.ts";
import type { Clock } from "../../platform/clock.ts";
import { asRecord, asString } from "../../session/value.ts";
import { pointerBytesMax } from "./limits.ts";
import type { Seal } from "./seal.ts";
import { formatVersion, parseObject, verify, verifyVersion } from "./verify.ts";

/** A profile in a storage, and how this machine uses it. */
export interface Profile {
  readonly store: ObjectStore;
  /** Where its keys begin; ends in a slash. */
  readonly root: string;
  /** Undefined where nothing is encrypted. */
  readonly seal: Seal | undefined;
  readonly clock: Pick<Clock, "now">;
  /**
   * Of a file that pi-sync 0.1 stored as a whole, the part that is shared; undefined where there is
   * none.
   */
  readonly toShared: (path: string, content: Uint8Array) => Uint8Array | undefined;
}

/** How an object of a profile is called in messages. */
export function nameObject({ store, root }: Profile, key: string): string {
  return `${root}${key} in ${store.name}`;
}

const profileKey = "profile.json";

/**
 * Checks this machine's key against the profile's, where the profile has begun.
 *
 * @throws AppError "config" where they differ
 */
export async function checkProfile(profile: Profile, signal: AbortSignal): Promise<void> {
  const { store, root } = profile;
  const bytes = await store.get(root + profileKey, { bytesMax: pointerBytesMax, signal });
  if (bytes !== undefined) checkBytes(profile, bytes);
}

/**
 * Begins the profile, where it has not begun: encrypted with this machine's key, or not at all.
 *
 * @throws AppError "config" where it has begun with another key
 */
export async function beginProfile(profile: Profile, signal: AbortSignal): Promise<void> {
  const { store, root, seal } = profile;
  const encryption = seal === undefined ? null : { type: "age", fingerprint: seal.fingerprint };
  const bytes = Buffer.from(`${JSON.stringify({ version: formatVersion, encryption })}\n`);
  const creation = await store.create(root + profileKey, bytes, { signal });
  if (!creation.isCreated) checkBytes(profile, creation.existing);
}

function checkBytes(profile: Profile, bytes: Uint8Array): void {
  const where = nameObject(profile, profileKey);
  const record = parseObject(bytes, where);
  verifyVersion(record, where);
  const encryption = asRecord(record["encryption"]);
  const fingerprint = encryption === undefined ? undefined : asString(encryption["fingerprint"]);
  const isPlain = record["encryption"] === null;
  verify(
    isPlain || (encryption?.["type"] === "age" && fingerprint),
    where,
    "its encryption is unknown",
  );
  checkKey(fingerprint, profile.seal, where);
}

/**
 * Checks this machine's key against the one that `where` says it is encrypted with.
 *
 * @throws AppError "config" where they differ
 */
export function checkKey(theirs: string | undefined, own: Seal | undefined, where: string): void {
  if (theirs === own?.fingerprint) return;
  if (theirs === undefined) {
    throw new AppError("config", `This machine encrypts settings, and ${where} is not encrypted.`, {
      hint: "Switch encryption off on this machine, or use another profile: one is encrypted from its first commit on, or not at all.",
    });
  }
  const fingerprint = /^[0-9a-f]{1,64}$/.test(theirs) ? theirs : "that can't be read";
  const has = own === undefined ? "this machine has none" : `this machine's has ${own.fingerprint}`;
  const problem =
    own === undefined ? "is encrypted" : "is encrypted with another key than this machine's";
  throw new AppError("config", `${where} ${problem}.`, {
    hint: `Its key has the fingerprint ${fingerprint}; ${has}. Take the key over from a machine that has it, or use another profile.`,
  });
}
