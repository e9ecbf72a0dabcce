import { asRecord } from "./value.ts";

/**
 * One line of a session file behind the first (pi's docs/session-format.md). Session files are old,
 * come from many versions of pi and are edited by hand, so nothing is certain but a `type`: fields
 * of one type are read with the helpers of `value.ts`, and unknown types are kept as they are.
 */
export interface Entry {
  type: string;
  /** Absent in version 1. */
  id?: string;
  /** Absent in version 1; null for the first of a tree. */
  parentId?: string | null;
  /** ISO 8601. */
  timestamp?: string;
  [key: string]: unknown;
}

/** The first line of a session file. */
export interface SessionHeader {
  type: "session";
  /** Absent in version 1. */
  version?: number;
  /** A UUID, or what the person gave to `--session-id`. */
  id: string;
  timestamp?: string;
  /** The project's folder. */
  cwd?: string;
  /** The file that this session was forked from. */
  parentSession?: string;
  /** The same in version 1. */
  branchedFrom?: string;
  /** The first model; in version 1 alone. */
  provider?: string;
  modelId?: string;
  [key: string]: unknown;
}

/** What a header says of the session's parent. */
export interface Parentage {
  cwd?: string | undefined;
  parentSession?: string | undefined;
  branchedFrom?: string | undefined;
}

/** The file that a session was forked from, if it was, as its header names it. */
export function parentPathOf({ parentSession, branchedFrom }: Parentage): string | undefined {
  return parentSession ?? branchedFrom;
}

/**
 * The entry that a parsed line holds, or undefined where it is no object with a `type`. It is the
 * same object with its fields in their order, without those of the four common fields whose type
 * is not the one that `Entry` says.
 */
export function parseEntry(value: unknown): Entry | undefined {
  const fields = asRecord(value);
  if (typeof fields?.["type"] !== "string") return undefined;
  const { id, parentId, timestamp } = fields;
  if (id !== undefined && typeof id !== "string") delete fields["id"];
  if (parentId !== undefined && parentId !== null && typeof parentId !== "string") {
    delete fields["parentId"];
  }
  if (timestamp !== undefined && typeof timestamp !== "string") delete fields["timestamp"];
  return fields as Entry;
}

/** The header that a parsed line holds, or undefined where it is none; changed as by `parseEntry`. */
export function parseHeader(value: unknown): SessionHeader | undefined {
  const fields = asRecord(value);
  if (fields?.["type"] !== "session" || typeof fields["id"] !== "string" || !fields["id"]) {
    return undefined;
  }
  for (const [name, type] of Object.entries(headerTypes)) {
    if (typeof fields[name] !== type) delete fields[name];
  }
  return fields as SessionHeader;
}

const headerTypes = {
  version: "number",
  timestamp: "string",
  cwd: "string",
  parentSession: "string",
  branchedFrom: "string",
  provider: "string",
  modelId: "string",
};
