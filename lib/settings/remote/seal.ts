import type * as Age from "age-encryption";
import { createHash } from "node:crypto";

import { AppError } from "../../errors.ts";

/** Encrypts what leaves this machine, with age (https://age-encryption.org). */
export interface Seal {
  /** Tells keys apart without telling anything about them. */
  readonly fingerprint: string;
  /** Encrypts. */
  seal(content: Uint8Array): Promise<Uint8Array>;
  /** Decrypts; rejects where it was encrypted with another key, or is damaged. */
  open(sealed: Uint8Array): Promise<Uint8Array>;
}

/** What stands at the start of everything that age encrypts. */
const sealedStart = "age-encryption.org/";

/**
 * Opens a key: the text `AGE-SECRET-KEY-1…`, or the file that `age-keygen` writes.
 *
 * @throws AppError "config" where it is no key; "not-configured" without the package age-encryption
 */
export async function openSeal(identity: string): Promise<Seal> {
  const { Decrypter, Encrypter, identityToRecipient } = await loadAge();
  const key = findKey(identity);
  const recipient = await identityToRecipient(key).catch(() => {
    throw notAKey();
  });
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  const decrypter = new Decrypter();
  decrypter.addIdentity(key);
  return {
    fingerprint: createHash("sha256").update(recipient).digest("hex").slice(0, 16),
    seal: (content) => encrypter.encrypt(content),
    open: (sealed) => decrypter.decrypt(sealed),
  };
}

/**
 * Makes a key.
 *
 * @throws AppError "not-configured" without the package age-encryption
 */
export async function generateIdentity(): Promise<string> {
  return (await loadAge()).generateX25519Identity();
}

/** Whether bytes look encrypted. */
export function isSealed(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, sealedStart.length)).toString("latin1") === sealedStart;
}

/** Loaded where encryption is on, and only there: it takes longer than all of the rest. */
async function loadAge(): Promise<typeof Age> {
  try {
    return await import("age-encryption");
  } catch (cause) {
    throw new AppError(
      "not-configured",
      "The package age-encryption is not there, which encryption needs.",
      {
        hint: "Run `npm install` in pi-opensync's folder, or install pi-opensync from npm or as a binary.",
        cause,
      },
    );
  }
}

function findKey(identity: string): string {
  const [key, ...more] = identity
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  if (key === undefined || more.length > 0) throw notAKey();
  return key;
}

function notAKey(): AppError {
  return new AppError("config", "The encryption key is not a key of age.", {
    hint: "A key looks like AGE-SECRET-KEY-1…; take it over from a machine that has it, in full.",
  });
}
