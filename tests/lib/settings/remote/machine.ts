import { gunzipSync, gzipSync } from "node:zlib";

import type { ObjectStore } from "../../../../lib/object-store/object-store.ts";
import type { CommitKind } from "../../../../lib/settings/remote/commit.ts";
import type { Draft } from "../../../../lib/settings/remote/publish.ts";
import { openRemoteLog } from "../../../../lib/settings/remote/remote-log.ts";
import type { RemoteLog } from "../../../../lib/settings/remote/remote-log.ts";
import type { Seal } from "../../../../lib/settings/remote/seal.ts";
import type { RemoteState } from "../../../../lib/settings/remote/state.ts";
import { createMemoryStore } from "../../../support/memory-store.ts";
import type { MemoryStore, MemoryStoreOptions } from "../../../support/memory-store.ts";

export const root = "pi/profiles/work/";
export const signal = new AbortController().signal;

/** The log as one machine sees it. */
export function openLog(store: ObjectStore, seal?: Seal, now: () => number = Date.now): RemoteLog {
  const toShared = (_path: string, content: Uint8Array): Uint8Array => content;
  return openRemoteLog({ store, prefix: "pi", name: "work", seal, clock: { now }, toShared });
}

/** A memory store and the log in it. */
export function openMemory(
  options: MemoryStoreOptions = {},
  seal?: Seal,
): { store: MemoryStore; log: RemoteLog } {
  const store = createMemoryStore(options);
  return { store, log: openLog(store, seal) };
}

/** Files as texts; undefined deletes. */
export type Texts = Record<string, string | undefined>;

export function changesOf(texts: Texts): Draft["changes"] {
  return new Map(
    Object.entries(texts).map(([path, text]) => [
      path,
      text === undefined ? undefined : { content: Buffer.from(text), isExecutable: false },
    ]),
  );
}

/** Publishes, and expects that nobody was faster. */
export async function mustPublish(
  log: RemoteLog,
  parent: RemoteState,
  texts: Texts,
  kind: CommitKind = "push",
): Promise<RemoteState> {
  const draft = { parent, kind, machine: "laptop", changes: changesOf(texts) };
  const result = await log.publish(draft, signal);
  if (!("published" in result)) throw new Error("another machine was faster");
  return result.published;
}

/** All files with their contents. */
export async function readTexts(log: RemoteLog, state: RemoteState): Promise<Texts> {
  const contents = await log.readContents(state.files.values(), signal);
  return Object.fromEntries(
    [...state.files]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, { sha256 }]) => [path, Buffer.from(contents.get(sha256)!).toString()]),
  );
}

export function entryOf(number: number): string {
  return `${root}log/${String(number).padStart(10, "0")}.json`;
}

/** Changes what an object holds, as somebody with access to the storage could. */
export function tamper(
  { objects }: Pick<MemoryStore, "objects">,
  key: string,
  // oxlint-disable-next-line typescript/no-explicit-any -- what is there is JSON of any shape
  change: (value: any) => unknown,
): void {
  const isZipped = key.endsWith(".gz");
  const bytes = objects.get(key)!;
  const value: unknown = JSON.parse(Buffer.from(isZipped ? gunzipSync(bytes) : bytes).toString());
  const changed = Buffer.from(JSON.stringify(change(value)));
  objects.set(key, isZipped ? gzipSync(changed) : changed);
}

/** What an action asks of a store. */
export async function countOf(
  { counts }: Pick<MemoryStore, "counts">,
  action: () => Promise<unknown>,
): Promise<MemoryStore["counts"]> {
  const before = { ...counts };
  await action();
  return {
    requests: counts.requests - before.requests,
    bytesUp: counts.bytesUp - before.bytesUp,
    bytesDown: counts.bytesDown - before.bytesDown,
  };
}
