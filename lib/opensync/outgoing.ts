import { assert } from "../assert.ts";
import type { MessagePut, Part, SessionPut } from "./wire.ts";

/**
 * A session as it may travel: without empty fields, with a possible time.
 *
 * OpenSync keeps a bad `createdAt` for ever, and a time in the future makes it drop updates.
 */
export function readySession(session: SessionPut, nowMs: number): SessionPut {
  assertId(session.externalId, "session");
  return withClampedTime(session, nowMs);
}

/** A message as it may travel, like `readySession`. */
export function readyMessage(message: MessagePut, nowMs: number): MessagePut {
  assertId(message.externalId, "message");
  assertId(message.sessionExternalId, "session");
  return withClampedTime(message, nowMs);
}

/** OpenSync accepts an empty id and then takes all such messages for one. */
export function assertId(id: string, what: string): void {
  assert(id !== "", `the ${what} has an id`);
}

/**
 * The message with one space before its first text, or undefined when it has none. OpenSync cuts
 * the search text of a session at a length that may lie within an emoji, and then refuses the
 * message each time; moved by one place, the cut lies beside the emoji.
 */
export function shiftFirstText(message: MessagePut): MessagePut | undefined {
  const parts = message.parts ?? [];
  const index = parts.findIndex((part) => part.type === "text" && typeof part.content === "string");
  const part = parts[index];
  if (part === undefined) return undefined;
  const shifted: Part = { type: part.type, content: ` ${String(part.content)}` };
  return { ...message, parts: parts.with(index, shifted) };
}

const createdAtMin = Date.UTC(2000, 0, 1);

function withClampedTime<T extends { createdAt?: number }>(item: T, nowMs: number): T {
  const ready = Object.fromEntries(Object.entries(item).filter(([, value]) => isSendable(value)));
  if (typeof ready["createdAt"] === "number") {
    ready["createdAt"] = Math.max(createdAtMin, Math.trunc(Math.min(ready["createdAt"], nowMs)));
  }
  return ready as T;
}

/** OpenSync answers 500 to null, and JSON writes NaN and Infinity as null. */
function isSendable(value: unknown): boolean {
  return (
    value !== undefined && value !== null && (typeof value !== "number" || Number.isFinite(value))
  );
}
