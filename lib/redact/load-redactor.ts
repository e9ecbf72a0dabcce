import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { isNotFound, writePrivateFile } from "../platform/files.ts";
import { piAgentDir } from "../platform/paths.ts";
import type { Env } from "../platform/paths.ts";
import { buildDictionary } from "./dictionary.ts";
import { collectKnownSecrets } from "./known-secrets.ts";
import { createRedactor } from "./redact.ts";
import type { Redactor } from "./redact.ts";

/**
 * Makes the redactor of this machine: its person's own secrets, and the rules. Without a folder for
 * state nothing is written, and the tags of its markers are of this run alone.
 */
export async function loadRedactor(
  env: Env,
  stateDir: string | undefined,
  apiKey: string,
): Promise<Redactor> {
  const own = apiKey === "" ? [] : [{ kind: "opensync-key", value: apiKey }];
  const secrets = await collectKnownSecrets({ env, agentDir: piAgentDir(env), own });
  return createRedactor({ dictionary: buildDictionary(secrets), salt: await loadSalt(stateDir) });
}

/** A redactor that lets everything pass, for `redact: false`. */
export const passAll: Redactor = {
  redactText: (value) => ({ value, findings: [] }),
  redactMessage: (value) => ({ value, findings: [] }),
  redactSession: (value) => ({ value, findings: [] }),
};

/** A random value of this installation, by which equal secrets get equal markers. */
async function loadSalt(stateDir: string | undefined): Promise<string> {
  if (stateDir === undefined) return randomBytes(16).toString("hex");
  const path = join(stateDir, "redaction-salt");
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  const salt = randomBytes(16).toString("hex");
  await writePrivateFile(path, salt);
  return salt;
}
