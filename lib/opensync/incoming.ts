import type { Part, Role, StoredMessage, StoredSession } from "./wire.ts";

/** A session with its messages, as the server holds them. */
export interface StoredConversation {
  session: StoredSession;
  messages: StoredMessage[];
}

/** What `GET /health` says: that it runs, and its clock in Unix milliseconds. */
export interface Health {
  status: "ok";
  timestamp: number;
}

// Each reader gives undefined for what OpenSync would not send. Answers come from a server that
// the person may have mistyped, so nothing in them is believed before it is looked at.

/** Reads the answer of a write. */
export function readOk(json: unknown): true | undefined {
  return isRecord(json) && json["ok"] === true ? true : undefined;
}

/** Reads the answer of `GET /health`. */
export function readHealth(json: unknown): Health | undefined {
  if (!isRecord(json) || json["status"] !== "ok" || typeof json["timestamp"] !== "number")
    return undefined;
  return { status: "ok", timestamp: json["timestamp"] };
}

/** Reads the answer of `POST /sync/batch`: the errors in it, and how many sessions were written. */
export function readBatch(json: unknown): { sessions: number; errors: string[] } | undefined {
  if (!isRecord(json) || json["ok"] !== true || typeof json["sessions"] !== "number")
    return undefined;
  const errors = Array.isArray(json["errors"]) ? json["errors"].map(String) : [];
  return { sessions: json["sessions"], errors };
}

/** Reads the answer of `GET /api/sessions`. */
export function readSessions(json: unknown): StoredSession[] | undefined {
  return isRecord(json) ? readList(json["sessions"], readSession) : undefined;
}

/** Reads the answer of `GET /api/sessions/get`. */
export function readConversation(json: unknown): StoredConversation | undefined {
  if (!isRecord(json)) return undefined;
  const session = readSession(json["session"]);
  const messages = readList(json["messages"], readMessage);
  return session && messages ? { session, messages } : undefined;
}

function readSession(json: unknown): StoredSession | undefined {
  if (!isRecord(json) || typeof json["id"] !== "string" || typeof json["externalId"] !== "string")
    return undefined;
  return {
    id: json["id"],
    externalId: json["externalId"],
    ...strings(json, "title", "projectPath", "projectName", "model", "provider"),
    ...numbers(json, "durationMs"),
    promptTokens: numberOf(json["promptTokens"]),
    completionTokens: numberOf(json["completionTokens"]),
    totalTokens: numberOf(json["totalTokens"]),
    cost: numberOf(json["cost"]),
    isPublic: json["isPublic"] === true,
    messageCount: numberOf(json["messageCount"]),
    createdAt: numberOf(json["createdAt"]),
    updatedAt: numberOf(json["updatedAt"]),
  };
}

function readMessage(json: unknown): StoredMessage | undefined {
  if (!isRecord(json) || typeof json["id"] !== "string" || typeof json["externalId"] !== "string")
    return undefined;
  const parts = readList(json["parts"], readPart);
  const role = roles.find((role) => role === json["role"]);
  if (parts === undefined || role === undefined) return undefined;
  return {
    id: json["id"],
    externalId: json["externalId"],
    role,
    ...strings(json, "textContent", "model"),
    ...numbers(json, "promptTokens", "completionTokens", "durationMs"),
    createdAt: numberOf(json["createdAt"]),
    parts,
  };
}

const roles: readonly Role[] = ["user", "assistant", "system", "tool", "unknown"];

/** Other clients send types of their own, which are kept. */
function readPart(json: unknown): Part | undefined {
  if (!isRecord(json) || typeof json["type"] !== "string") return undefined;
  return { type: json["type"] as Part["type"], content: json["content"] };
}

/** A number that was too large for JSON comes back as null. */
function numberOf(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

function strings<K extends string>(
  json: Record<string, unknown>,
  ...keys: K[]
): { [key in K]?: string } {
  return pick(json, keys, "string") as { [key in K]?: string };
}

function numbers<K extends string>(
  json: Record<string, unknown>,
  ...keys: K[]
): { [key in K]?: number } {
  return pick(json, keys, "number") as { [key in K]?: number };
}

function pick(
  json: Record<string, unknown>,
  keys: string[],
  type: string,
): Record<string, unknown> {
  return Object.fromEntries(
    keys.filter((key) => typeof json[key] === type).map((key) => [key, json[key]]),
  );
}

function readList<T>(json: unknown, read: (item: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(json)) return undefined;
  const items = json.map(read);
  return items.every((item) => item !== undefined) ? items : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
