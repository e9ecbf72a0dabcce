/** How a store creates an object only where there is none. */
export type CreateMode =
  /** One of several writers wins, whatever happens. */
  | "atomic"
  /** The store ignores or refuses conditions: read, write, read again. Two writers at once can both lose. */
  | "degraded";

/** What came of a creation. */
export type Creation = { isCreated: true } | { isCreated: false; existing: Uint8Array };

/** Limits of one call. */
export interface CallOptions {
  /** Ends the call; it rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/**
 * A place for objects: a bucket, or a folder. Keys are relative, with `/` between names, and may hold
 * any character but NUL. Every store passes the same tests, `tests/lib/object-store/conformance.ts`.
 *
 * Whatever can't be done rejects with an AppError: "network" where trying later may help,
 * "unauthorised" where the credentials are refused, "refused" where the store answers otherwise, "io"
 * for a folder. No error holds a credential.
 */
export interface ObjectStore {
  /** What people call it, such as `bucket pi at s3.example.com` or a folder; never with a credential. */
  readonly name: string;
  /** The object's bytes; undefined where there is none. Rejects ("refused") above `bytesMax`. */
  get(key: string, options: CallOptions & { bytesMax: number }): Promise<Uint8Array | undefined>;
  /**
   * Creates an object where there is none, and never changes one. An outcome that got lost on the way
   * is looked up, so `isCreated` is true exactly if this call's bytes are what the object holds: bytes
   * must differ between writers.
   */
  create(key: string, body: Uint8Array, options?: CallOptions): Promise<Creation>;
  /** Writes an object, over another one if there is. */
  put(key: string, body: Uint8Array, options?: CallOptions): Promise<void>;
  /** Removes an object; one that is not there is no error. */
  delete(key: string, options?: CallOptions): Promise<void>;
  /** The keys that begin with `prefix`, sorted by their UTF-8 bytes; only those behind `after`, if given. */
  list(prefix: string, options?: CallOptions & { after?: string | undefined }): Promise<string[]>;
  /**
   * Finds out how this store creates, by trying: an object below `prefix` is created, created again
   * and deleted. `create` works in the mode that was found, or in the one that the store was opened with.
   */
  probe(prefix: string, options?: CallOptions): Promise<CreateMode>;
}
