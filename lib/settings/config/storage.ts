import { createHash } from "node:crypto";
import { resolve } from "node:path";

import { resolveSecret } from "../../config/secret.ts";
import { AppError } from "../../errors.ts";
import { expandTilde } from "../../platform/paths.ts";
import type { Env } from "../../platform/paths.ts";
import { runCommand } from "../../platform/run-command.ts";
import { isFolderEndpoint } from "./endpoint.ts";
import { isAgeIdentity } from "./schema.ts";
import type { SettingsConfig } from "./schema.ts";

/** An access key of an S3 service, and nothing that stands for it. */
export interface StorageCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** Where the storage is, with all that it takes to use it. */
export type StorageTarget =
  | { kind: "directory"; path: string }
  | {
      kind: "s3";
      endpoint: string;
      bucket: string;
      region: string;
      credentials: StorageCredentials;
    };

/** Whether all is there that settings sync needs; it may still be wrong. */
export function isSettingsConfigured(config: SettingsConfig): boolean {
  return listMissing(config).length === 0;
}

/**
 * The storage that settings go to. The signal ends a command that a credential comes from.
 *
 * @throws AppError "not-configured" where something is missing, "config" where a credential can't be had
 */
export async function requireStorage(
  config: SettingsConfig,
  env: Env,
  signal?: AbortSignal,
): Promise<StorageTarget> {
  const { endpoint, bucket, region, accessKeyId, secretAccessKey, sessionToken } = config;
  if (endpoint !== undefined && isFolderEndpoint(endpoint)) {
    return { kind: "directory", path: resolve(expandTilde(endpoint, env)) };
  }
  if (!endpoint || !bucket || !accessKeyId || !secretAccessKey) {
    throw notConfigured(listMissing(config));
  }
  const secret = secretReader(env, signal);
  // One after the other: a password manager may ask for each.
  const credentials: StorageCredentials = {
    accessKeyId: await secret("The access key ID", accessKeyId),
    secretAccessKey: await secret("The secret access key", secretAccessKey),
    ...(sessionToken && { sessionToken: await secret("The session token", sessionToken) }),
  };
  return { kind: "s3", endpoint, bucket, region, credentials };
}

/**
 * The age identity that seals what goes to the storage; undefined where nothing is sealed.
 *
 * @throws AppError "config" where it can't be had, or is none
 */
export async function requireEncryptionKey(
  { encryptionKey }: SettingsConfig,
  env: Env,
  signal?: AbortSignal,
): Promise<string | undefined> {
  if (encryptionKey === undefined) return undefined;
  const key = await secretReader(env, signal)("The encryption key", encryptionKey);
  if (isAgeIdentity(key)) return key;
  throw new AppError("config", "The encryption key is not an age identity.", {
    hint: 'It begins with "AGE-SECRET-KEY-1" and has 74 characters.',
  });
}

/**
 * A short name for what this machine remembers of a storage: the same for the same place and agent
 * directory, whatever the credentials.
 */
export function storageId(
  target: StorageTarget,
  prefix: string,
  profile: string,
  agentDir: string,
): string {
  const place = target.kind === "s3" ? [target.endpoint, target.bucket] : [target.path];
  const text = JSON.stringify([target.kind, ...place, prefix, profile, agentDir]);
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

function secretReader(env: Env, signal?: AbortSignal) {
  return (name: string, value: string): Promise<string> =>
    resolveSecret(name, value, {
      env,
      run: (command, timeoutMs) => runCommand(command, timeoutMs, signal),
    });
}

function listMissing(config: SettingsConfig): string[] {
  if (isFolderEndpoint(config.endpoint)) return [];
  const needed = {
    endpoint: "endpoint",
    bucket: "bucket",
    accessKeyId: "access key ID",
    secretAccessKey: "secret access key",
  } as const;
  const fields = Object.keys(needed) as (keyof typeof needed)[];
  return fields.filter((field) => !config[field]).map((field) => needed[field]);
}

function notConfigured(missing: readonly string[]): AppError {
  const isBegun = !missing.includes("endpoint");
  const message = isBegun
    ? `Settings sync is not set up completely; it still needs: ${missing.join(", ")}.`
    : "Settings sync is not set up yet.";
  return new AppError("not-configured", message, {
    hint: "Run 'init', or set PI_SYNC_ENDPOINT and the other PI_SYNC_* variables.",
  });
}
