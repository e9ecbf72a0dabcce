import { link, rename } from "node:fs/promises";

import { AppError, messageOf } from "../errors.ts";
import type { Clock } from "../platform/clock.ts";
import { createFile } from "./directory-create.ts";
import { readObject, removeObject, withTemporary } from "./directory-file.ts";
import { walkObjects } from "./directory-walk.ts";
import { isListed, sortKeys } from "./object-key.ts";
import type { ObjectStore } from "./object-store.ts";
import { probeCreation } from "./probe-creation.ts";

/**
 * Objects as files below a folder: on a NAS, in a synced folder, on a USB stick. The folder is made
 * when something is written; the one that it is in must be there, so that nothing is written to a
 * place where a drive is not mounted. A key can't be the beginning of another one before a `/`.
 *
 * `linkFile` makes a second name for a file, where there is none yet; tests give one that can't.
 */
export function createDirectoryStore(
  path: string,
  clock: Clock,
  linkFile: typeof link = link,
): ObjectStore {
  const store: ObjectStore = {
    name: path,
    get: (key, { bytesMax, signal }) => guard(path, signal, () => readObject(path, key, bytesMax)),
    create: (key, body, { signal } = {}) =>
      guard(path, signal, () =>
        withTemporary(path, key, body, (temporary, target) =>
          createFile({ path, clock, linkFile }, { key, body, temporary, target }),
        ),
      ),
    put: (key, body, { signal } = {}) =>
      guard(path, signal, () => withTemporary(path, key, body, rename)),
    delete: (key, { signal } = {}) => guard(path, signal, () => removeObject(path, key)),
    list: (prefix, { after, signal } = {}) =>
      guard(path, signal, async () => {
        const keys = await walkObjects(path, prefix, clock.now(), signal);
        return sortKeys(keys.filter((key) => isListed(key, prefix, after)));
      }),
    probe: (prefix, options = {}) => probeCreation(store, prefix, options),
  };
  return store;
}

/** Turns whatever the system says into an AppError. */
async function guard<T>(
  path: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  try {
    return await work();
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof AppError) throw error;
    throw new AppError("io", `The folder ${path} can't be used: ${messageOf(error)}.`, {
      hint: "Check that it is there, that its drive is mounted and not full, and that you may write to it.",
      cause: error,
    });
  }
}
