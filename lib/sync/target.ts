import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";

import { writePrivateFile } from "../platform/files.ts";

/** Where sessions go. */
export interface Target {
  baseUrl: string;
  apiKey: string;
  metadataOnly: boolean;
}

/**
 * The folder of the cursors of a target: another server, another account, or sending content after
 * sending none, begins anew. The key can't be told from the name.
 */
export function cursorsDir(stateDir: string, target: Target): string {
  const { baseUrl, apiKey, metadataOnly } = target;
  const name = createHash("sha256").update(JSON.stringify([baseUrl, apiKey, metadataOnly]));
  return join(stateDir, "cursors", name.digest("hex").slice(0, 24));
}

/**
 * Says which database stands behind a target. Cursors that tell what another database at the same
 * address holds are removed, so that all is sent to this one.
 */
export async function useDatabase(
  stateDir: string,
  target: Target,
  databaseId: string,
): Promise<void> {
  const dir = cursorsDir(stateDir, target);
  const note = `${dir}.database`;
  const known = await readFile(note, "utf8").catch(() => undefined);
  if (known === databaseId) return;
  await rm(dir, { recursive: true, force: true });
  await writePrivateFile(note, databaseId);
}
