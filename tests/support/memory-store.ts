import { AppError } from "../../lib/errors.ts";
import { checkKey, isListed, isSameBody, sortKeys } from "../../lib/object-store/object-key.ts";
import type { CreateMode, ObjectStore } from "../../lib/object-store/object-store.ts";
import { probeCreation } from "../../lib/object-store/probe-creation.ts";

/** What goes wrong with a call. After a crash, every call of this store fails: its process is gone. */
export type Fault =
  /** AppError "network", and nothing was done. */
  | "fail-before"
  /** AppError "network", and it was done: the answer is lost. */
  | "fail-after"
  /** A `Crash`, and nothing was done. */
  | "crash-before"
  /** A `Crash`, and it was done. */
  | "crash-after";

/** A call that is about to be done. */
export interface StoreCall {
  method: "get" | "create" | "put" | "delete" | "list";
  /** The key, or the prefix of a list. */
  key: string;
  /** Which call of this store it is, from 1. */
  number: number;
}

/** The end of the process, as far as a test can play it. No `AppError`, so nothing may catch it. */
export class Crash extends Error {
  override readonly name = "Crash";
}

/** What a memory store can be given. */
export interface MemoryStoreOptions {
  /** Stores that share it are the machines of one person. */
  objects?: Map<string, Uint8Array>;
  /** Called before each call; what it awaits decides the order among several machines. */
  fault?: (call: StoreCall) => Fault | undefined | Promise<Fault | undefined>;
  /** With "degraded", `create` looks, lets others go first, writes and looks again. */
  createMode?: CreateMode;
}

/** What a store was asked for. */
export interface StoreCounts {
  requests: number;
  bytesUp: number;
  bytesDown: number;
}

/** Objects in memory, and what they were asked for. */
export interface MemoryStore extends ObjectStore {
  readonly objects: Map<string, Uint8Array>;
  readonly counts: StoreCounts;
}

/** Makes a store whose objects are in a map. */
export function createMemoryStore(options: MemoryStoreOptions = {}): MemoryStore {
  const { objects = new Map<string, Uint8Array>(), fault, createMode = "atomic" } = options;
  const counts: StoreCounts = { requests: 0, bytesUp: 0, bytesDown: 0 };
  let isGone = false;

  async function call<T>(
    method: StoreCall["method"],
    key: string,
    signal: AbortSignal | undefined,
    work: () => T | Promise<T>,
  ): Promise<T> {
    if (method !== "list") checkKey(key);
    signal?.throwIfAborted();
    if (isGone) throw new Crash("This process is gone.");
    counts.requests++;
    const name = await fault?.({ method, key, number: counts.requests });
    signal?.throwIfAborted();
    isGone ||= name?.startsWith("crash") ?? false;
    const result = name?.endsWith("-before") ? undefined : { value: await work() };
    if (name?.startsWith("crash")) throw new Crash(`The process ended at ${method} ${key}.`);
    if (name !== undefined || result === undefined) {
      throw new AppError("network", `The memory store failed at ${method} ${key}.`);
    }
    return result.value;
  }

  function down(bytes: Uint8Array): Uint8Array {
    counts.bytesDown += bytes.byteLength;
    return bytes.slice();
  }

  function write(key: string, body: Uint8Array): void {
    counts.bytesUp += body.byteLength;
    objects.set(key, body.slice());
  }

  const store: MemoryStore = {
    name: "memory",
    objects,
    counts,
    get: (key, { bytesMax, signal }) =>
      call("get", key, signal, () => {
        const found = objects.get(key);
        if (found === undefined) return undefined;
        if (found.byteLength > bytesMax) throw new AppError("refused", `${key} is too large.`);
        return down(found);
      }),
    create: (key, body, { signal } = {}) =>
      call("create", key, signal, async () => {
        if (createMode === "degraded") {
          const isThere = objects.has(key);
          await Promise.resolve();
          if (!isThere) write(key, body);
          await Promise.resolve();
        } else if (!objects.has(key)) write(key, body);
        const existing = objects.get(key) ?? new Uint8Array();
        if (isSameBody(existing, body)) return { isCreated: true as const };
        return { isCreated: false as const, existing: down(existing) };
      }),
    put: (key, body, { signal } = {}) => call("put", key, signal, () => write(key, body)),
    delete: (key, { signal } = {}) =>
      call("delete", key, signal, () => {
        objects.delete(key);
      }),
    list: (prefix, { after, signal } = {}) =>
      call("list", prefix, signal, () =>
        sortKeys([...objects.keys()].filter((key) => isListed(key, prefix, after))),
      ),
    probe: async (prefix, options = {}) =>
      createMode === "degraded" ? createMode : probeCreation(store, prefix, options),
  };
  return store;
}
