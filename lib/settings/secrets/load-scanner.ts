import { piAgentDir } from "../../platform/paths.ts";
import type { Env } from "../../platform/paths.ts";
import { buildDictionary } from "../../redact/dictionary.ts";
import type { Secret } from "../../redact/dictionary.ts";
import { collectKnownSecrets } from "../../redact/known-secrets.ts";
import { rules } from "../../redact/rules.ts";
import { createScanner } from "../../redact/scan.ts";
import type { Scanner } from "../../redact/scan.ts";
import { isPlaceholder } from "../../redact/shape.ts";
import type { StorageTarget } from "../config/storage.ts";

/** Keys of our own, which are in no file of pi's. */
export interface OwnKeys {
  target: StorageTarget;
  /** As `requireEncryptionKey` gives it. */
  encryptionKey?: string | undefined;
  /** As our configuration has it; a command is not run for this. */
  openSyncKey?: string | undefined;
}

/**
 * Makes the scanner for what is about to leave this machine: its person's own secrets, and the
 * rules. It is worth keeping for all files of one operation.
 */
export async function loadSettingsScanner(env: Env, keys: OwnKeys): Promise<Scanner> {
  const known = await collectKnownSecrets({ env, agentDir: piAgentDir(env), own: [] });
  const secrets = [...listOwnSecrets(env, keys), ...known.filter(isReal)];
  return createScanner(buildDictionary(secrets), rules);
}

/** What stands in models.json until somebody puts a key there is no secret; it is short. */
function isReal({ value }: Secret): boolean {
  return value.length >= 48 || !isPlaceholder(value);
}

function listOwnSecrets(env: Env, { target, encryptionKey, openSyncKey }: OwnKeys): Secret[] {
  const credentials = target.kind === "s3" ? target.credentials : undefined;
  const secrets = {
    "storage-access-key": credentials?.accessKeyId,
    "storage-secret-key": credentials?.secretAccessKey,
    "storage-session-token": credentials?.sessionToken,
    "encryption-key": encryptionKey,
    "opensync-key": resolveLiteral(openSyncKey, env),
  };
  return Object.entries(secrets).flatMap(([kind, value]) => (value ? [{ kind, value }] : []));
}

function resolveLiteral(key: string | undefined, env: Env): string | undefined {
  const name = /^\$\{?(\w+)\}?$/.exec(key ?? "")?.[1];
  if (name !== undefined) return env[name];
  return key?.startsWith("!") ? undefined : key;
}
