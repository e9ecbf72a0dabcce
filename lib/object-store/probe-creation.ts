import { randomBytes } from "node:crypto";
import type { CallOptions, CreateMode, ObjectStore } from "./object-store.ts";

/** Finds out whether a store that seems to create atomically does: its second creation must not win. */
export async function probeCreation(
  store: Pick<ObjectStore, "create" | "delete">,
  prefix: string,
  options: CallOptions,
): Promise<CreateMode> {
  const id = randomBytes(8).toString("hex");
  const key = `${prefix}probe-${id}`;
  const first = await store.create(key, Buffer.from(`first ${id}`), options);
  try {
    const second = await store.create(key, Buffer.from(`second ${id}`), options);
    return first.isCreated && !second.isCreated ? "atomic" : "degraded";
  } finally {
    await store.delete(key, options);
  }
}
