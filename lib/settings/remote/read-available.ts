import { AppError } from "../../errors.ts";
import type { RemoteFile } from "../file-state.ts";
import type { RemoteLog } from "./remote-log.ts";

/**
 * Reads the contents that the storage still has, by their SHA-256: those of an old base may be
 * removed, or were read with other keys of this machine's.
 *
 * @throws AppError where the storage can't be read
 */
export async function readAvailable(
  log: Pick<RemoteLog, "readContents">,
  files: readonly RemoteFile[],
  signal: AbortSignal,
): Promise<Map<string, Uint8Array>> {
  const contents = new Map<string, Uint8Array>();
  for (const id of new Set(files.map(({ snapshot }) => snapshot))) {
    const group = files.filter(({ snapshot }) => snapshot === id);
    try {
      for (const [hash, content] of await log.readContents(group, signal))
        contents.set(hash, content);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "refused") throw error;
    }
  }
  return contents;
}
