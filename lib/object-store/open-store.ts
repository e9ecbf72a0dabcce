import type { Fetch } from "../opensync/request.ts";
import type { Clock } from "../platform/clock.ts";
import { createDirectoryStore } from "./directory-store.ts";
import type { CreateMode, ObjectStore } from "./object-store.ts";
import type { S3Target } from "./s3-place.ts";
import { createS3Store } from "./s3-store.ts";

/** Where the objects are. */
export type StoreTarget =
  | { kind: "directory"; path: string }
  /** `createMode` is what an earlier probe found. */
  | ({ kind: "s3"; createMode?: CreateMode | undefined } & S3Target);

/** What stores work with. */
export interface StoreTools {
  fetch: Fetch;
  clock: Clock;
}

/**
 * Opens a store. Nothing is read or sent before its first call.
 *
 * @throws AppError "config" where the target can't be used
 */
export function openStore(target: StoreTarget, { fetch, clock }: StoreTools): ObjectStore {
  return target.kind === "directory"
    ? createDirectoryStore(target.path, clock)
    : createS3Store({ ...target, fetch, clock });
}
