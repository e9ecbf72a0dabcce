import { createHash } from "node:crypto";
import { join } from "node:path";

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
