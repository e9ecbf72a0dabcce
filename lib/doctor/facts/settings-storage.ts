import { AppError } from "../../errors.ts";
import type { CreateMode } from "../../object-store/object-store.ts";
import type { Deadline } from "../../platform/deadline.ts";
import type { SettingsContext } from "../../settings/context.ts";
import { LockedError, withSettingsLock } from "../../settings/lock.ts";
import type { RemoteState } from "../../settings/remote/state.ts";
import { readState, saveState } from "../../settings/state.ts";
import { toProblem } from "./problem.ts";
import type { Problem } from "./problem.ts";

/** The storage that settings are synced with, and what it says. */
export interface StorageFacts {
  /** Such as `bucket pi at s3.example.com`, or a folder. */
  name: string;
  kind: "bucket" | "folder";
  /** Absent where it was not asked, or could not be read. */
  tookMs?: number;
  /** Why it can't be read. */
  problem?: Problem;
  /** The same, where it is encrypted with another key, or is not and should be. */
  keyProblem?: Problem;
  /** The newest commit, as it is there; where the storage was not read, as it was seen last. */
  head?: { number: number; atMs: number; machine: string };
  /** Files in it. */
  files?: number;
  /** Whether this machine encrypts what it sends. */
  isEncrypted: boolean;
  /** Fingerprint of the key, where the storage was read with it. */
  fingerprint?: string;
  /** How it creates: just tried, or as it was found earlier. */
  createMode?: CreateMode;
  /** Why that could not be tried. */
  createProblem?: Problem;
}

/** How a storage is asked. */
export interface StorageQuestion {
  isAsked: boolean;
  isProbing: boolean;
  deadline: Deadline;
}

/** Asks the storage. `remote` is what it says now, where it could be read. */
export async function askStorage(
  context: SettingsContext,
  { isAsked, isProbing, deadline }: StorageQuestion,
): Promise<{ facts: StorageFacts; remote?: RemoteState }> {
  const { clock, config, log, store } = context;
  const { remote: known, createMode } = await readState(context.stateDir);
  const facts: StorageFacts = {
    name: store.name,
    kind: config.bucket === undefined ? "folder" : "bucket",
    ...describeRemote(known),
    isEncrypted: config.encryptionKey !== undefined,
    ...(createMode && { createMode }),
  };
  if (!isAsked) return { facts };
  const startedAtMs = clock.now();
  try {
    const remote = await log.read(known, deadline.signal);
    const tookMs = clock.now() - startedAtMs;
    const creation = isProbing ? await tryCreation(context, deadline) : {};
    return { facts: { ...facts, tookMs, ...describeRemote(remote), ...creation }, remote };
  } catch (error) {
    const problem = toStorageProblem(error, context, deadline);
    // Nothing else of what is read has to do with our configuration.
    const isKey = error instanceof AppError && error.code === "config";
    return { facts: { ...facts, [isKey ? "keyProblem" : "problem"]: problem } };
  }
}

/** Why a storage can't be used, also where it takes too long. */
export function toStorageProblem(
  error: unknown,
  { store, tools }: Pick<SettingsContext, "store" | "tools">,
  deadline: Deadline,
): Problem {
  tools.signal?.throwIfAborted();
  if (error instanceof AppError || !deadline.hasPassed()) return toProblem(error);
  return {
    message: `${store.name} did not answer in time.`,
    hint: "Check the network and the address of the storage, and try again.",
  };
}

function describeRemote(
  remote: RemoteState | undefined,
): Pick<StorageFacts, "head" | "files" | "fingerprint"> {
  if (remote === undefined) return {};
  const { head, files, key } = remote;
  const seen = { files: files.size, ...(key !== undefined && { fingerprint: key }) };
  if (head === undefined) return seen;
  const { number, createdAt: atMs, machine } = head;
  return { ...seen, head: { number, atMs, machine } };
}

/** Tries how the storage creates. What was found otherwise earlier is forgotten, or syncing would trust it. */
async function tryCreation(
  context: SettingsContext,
  deadline: Deadline,
): Promise<Pick<StorageFacts, "createMode" | "createProblem">> {
  const { store, config, stateDir } = context;
  try {
    const { prefix, profile } = config;
    const { signal } = deadline;
    const createMode = await store.probe(`${prefix}/profiles/${profile}/`, { signal });
    if (context.createMode() !== undefined && context.createMode() !== createMode) {
      await withSettingsLock(context.lock("doctor"), async () =>
        saveState(context, await readState(stateDir), { createMode }),
      );
    }
    return { createMode };
  } catch (error) {
    if (error instanceof LockedError) return {};
    return { createProblem: toStorageProblem(error, context, deadline) };
  }
}
