import { createHash } from "node:crypto";
import { open } from "node:fs/promises";

import type { TranscriptState } from "../transcript/transcript.ts";
import type { CursorRecord } from "./journal.ts";

/** What a session's cursor remembers beside the offset; plain JSON. */
export interface CursorState {
  transcript: TranscriptState;
  /** Hash of the bytes just before the offset. */
  fingerprint: string;
  /** The first prompt, as it stands in the title. */
  prompt: string;
  /** The name that the person gave the session in pi; "" for none. */
  name: string;
  /** How many parts of the session stand on the server. */
  parts: number;
  /** A hash of the title that they have there. */
  title?: string;
  /** A hash of what the server was last told of tokens, cost, time and model. */
  totals?: string;
  /** Messages that the server has. */
  messages: number;
  /** Messages that the server refused for good, and why the last one was. */
  refused?: { count: number; reason: string };
  /** A message that the server fails on without saying why, and in how many runs it did. */
  stuck?: { id: string; runs: number };
}

/** What is remembered of a file that holds nothing to send. */
export interface SkippedState {
  skipped: string;
}

/** The state of a session that was sent; undefined for other files, and for what can't be read. */
export function cursorState(record: CursorRecord | undefined): CursorState | undefined {
  const state = record?.state;
  return typeof state === "object" && state !== null && "transcript" in state
    ? (state as CursorState)
    : undefined;
}

/** Why a file was skipped, where it was. */
export function skipReason(record: CursorRecord): string | undefined {
  if (record.session !== "") return undefined;
  const state = record.state;
  return typeof state === "object" && state !== null && "skipped" in state
    ? String(state.skipped)
    : undefined;
}

/** A short hash, for telling whether something is still the same. */
export function fingerprintOf(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("base64url").slice(0, 12);
}

/**
 * A hash of the beginning of a file, which pi's migration of an old file changes. `size` is that of
 * the file when it was first looked at: what was added since does not count.
 */
export function readHeadFingerprint(path: string, size: number): Promise<string> {
  return hashBytes(path, 0, Math.min(fingerprintBytes, size));
}

const fingerprintBytes = 1024;

/**
 * A hash of the bytes just before an offset. pi rewrites a file of an old version as a whole, with
 * new ids, so bytes that are still the same say that all before them is, too.
 */
export function readFingerprint(path: string, offset: number): Promise<string> {
  const start = Math.max(0, offset - fingerprintBytes);
  return hashBytes(path, start, offset - start);
}

async function hashBytes(path: string, start: number, count: number): Promise<string> {
  const bytes = Buffer.alloc(count);
  const file = await open(path, "r");
  try {
    const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
    return fingerprintOf(bytes.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}
