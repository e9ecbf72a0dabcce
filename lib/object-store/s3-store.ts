import type { Fetch } from "../opensync/request.ts";
import type { Clock } from "../platform/clock.ts";
import { checkKey } from "./object-key.ts";
import type { CreateMode, ObjectStore } from "./object-store.ts";
import { probeCreation } from "./probe-creation.ts";
import { openS3Client, type S3Client } from "./s3-client.ts";
import { S3Failure } from "./s3-failure.ts";
import { createAtomically, createCarefully } from "./s3-create.ts";
import { listS3 } from "./s3-list.ts";
import { deleteOnce, getOnce, putOnce } from "./s3-object.ts";
import { checkPlace, type S3Target } from "./s3-place.ts";
import { retryTransient } from "./s3-retry.ts";

/** What a store in a bucket needs. */
export interface S3StoreOptions extends S3Target {
  fetch: Fetch;
  clock: Clock;
  /** What an earlier probe found; "atomic" if not given. */
  createMode?: CreateMode | undefined;
  /** Limit of the time for one request; a minute if not given. A call may take several. */
  timeoutMs?: number | undefined;
}

const defaultTimeoutMs = 60_000;

/**
 * Objects in a bucket, of AWS or of anything that speaks S3. An object without bytes counts as one
 * that was not sent whole: R2 is known to answer so now and then.
 *
 * @throws AppError "config" where the target can't be used
 */
export function createS3Store(options: S3StoreOptions): ObjectStore {
  const { fetch, clock, timeoutMs = defaultTimeoutMs } = options;
  const client = openS3Client(checkPlace(options), { fetch, clock, timeoutMs });
  let mode = options.createMode ?? "atomic";

  const store: ObjectStore = {
    name: client.place.name,
    async get(key, { bytesMax, signal }) {
      checkKey(key);
      return retryTransient(() => getOnce(client, key, bytesMax, signal), clock, signal);
    },
    async create(key, body, { signal } = {}) {
      checkKey(key);
      return mode === "atomic"
        ? createAtomically(client, key, body, signal)
        : createCarefully(client, key, body, signal);
    },
    async put(key, body, { signal } = {}) {
      checkKey(key);
      await retryTransient(() => putOnce(client, { key, body }, signal), clock, signal);
    },
    async delete(key, { signal } = {}) {
      checkKey(key);
      await retryTransient(() => deleteOnce(client, key, signal), clock, signal);
    },
    list: (prefix, { after, signal } = {}) => listS3(client, { prefix, after }, signal),
    async probe(prefix, options = {}) {
      mode = await probe(client, store, prefix, options.signal);
      return mode;
    },
  };
  return store;
}

async function probe(
  client: S3Client,
  store: ObjectStore,
  prefix: string,
  signal: AbortSignal | undefined,
): Promise<CreateMode> {
  checkKey(`${prefix}probe`);
  try {
    const create: ObjectStore["create"] = (key, body) =>
      createAtomically(client, key, body, signal);
    return await probeCreation({ ...store, create }, prefix, { signal });
  } catch (error) {
    if (isConditionRefused(error)) return "degraded";
    throw error;
  }
}

/** Whether a server says that it does not know conditions. */
function isConditionRefused(error: unknown): boolean {
  if (!(error instanceof S3Failure)) return false;
  return error.status === 501 || (error.status === 400 && error.s3Code === "NotImplemented");
}
