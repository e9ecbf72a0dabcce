import type { Clock } from "../platform/clock.ts";
import { messageOf } from "../errors.ts";
import { checkArgumentBytes, requestBytesMax } from "./limits.ts";
import { formatMessageId, type Messages } from "./messages.ts";
import { json, jsonError } from "./respond.ts";
import { formatSessionId, type Outcome, type Sessions } from "./sessions.ts";
import { readBatchMessage, readBatchSession, readMessage, readSession } from "./validate.ts";
import type { Writer } from "./writer.ts";

/** What the handlers of the API work on. */
export interface Services {
  sessions: Sessions;
  messages: Messages;
  writer: Writer;
  clock: Clock;
}

/** Items of a batch that are checked and stored together, as OpenSync does since October 2026. */
const batchChunkItems = 50;

/** `POST /sync/session` (contract, section 4). */
export async function postSession(services: Services, request: Request): Promise<Response> {
  const body = await readBody(request);
  if (body instanceof Response) return body;
  const { externalId, sessionId } = body as { externalId?: unknown; sessionId?: unknown };
  if (!externalId && !sessionId) return jsonError("Missing externalId or sessionId", 400);
  const put = readSession(body, externalId || sessionId);
  const now = services.clock.now();
  const { id } = await services.writer.write(() => services.sessions.upsert(put, now));
  return json({ ok: true, sessionId: formatSessionId(id) });
}

/** `POST /sync/message` (contract, section 5). */
export async function postMessage(services: Services, request: Request): Promise<Response> {
  const body = await readBody(request);
  if (body instanceof Response) return body;
  const { message, refusal } = readMessage(body);
  if (refusal) throw refusal;
  const now = services.clock.now();
  const { id } = await services.writer.write(() => services.messages.upsert(message, now));
  return json({ ok: true, messageId: formatMessageId(id) });
}

/**
 * `POST /sync/batch` (contract, section 6): answers 200 whatever happens to the items, and says
 * in `errors` what did not work.
 */
export async function postBatch(services: Services, request: Request): Promise<Response> {
  const body = await readBody(request);
  if (body instanceof Response) return body;
  const { sessions, messages } = body as { sessions?: unknown; messages?: unknown };
  const errors: string[] = [];
  const now = services.clock.now();
  const sessionCount = await storeChunks("Sessions", sessions, errors, (chunk) =>
    storeSessions(services, chunk, now),
  );
  const messageCount = await storeChunks("Messages", messages, errors, (chunk) =>
    storeMessages(services, chunk, now, errors),
  );
  return json({ ok: true, sessions: sessionCount, messages: messageCount, errors });
}

/** `GET /sync/sessions/list` (contract, section 7), without its limit of 8,192 sessions. */
export function listSessionIds({ sessions }: Services): Response {
  return json({ sessionIds: sessions.listExternalIds() });
}

/** The body as JSON, or the answer that it is too large. Like OpenSync, it refuses only null. */
async function readBody(request: Request): Promise<object | Response> {
  const text = await request.text();
  if (Buffer.byteLength(text) > requestBytesMax) return jsonError("Request is too large", 413);
  const body = JSON.parse(text) as unknown;
  if (body === null) throw new TypeError("Cannot read properties of null");
  return typeof body === "object" ? body : {};
}

async function storeChunks(
  what: string,
  items: unknown,
  errors: string[],
  store: (chunk: unknown[]) => Promise<number>,
): Promise<number> {
  if (typeof items === "string" && items) errors.push(`${what} batch error: ${notAList}`);
  if (!Array.isArray(items)) return 0;
  let count = 0;
  for (let start = 0; start < items.length; start += batchChunkItems) {
    try {
      count += await store(items.slice(start, start + batchChunkItems));
    } catch (error) {
      errors.push(`${what} batch error: ${String(error)}`);
    }
  }
  return count;
}

const notAList = "Error: ArgumentValidationError: Value does not match validator v.array(…)";

async function storeSessions(
  { sessions, writer }: Services,
  chunk: unknown[],
  now: number,
): Promise<number> {
  const puts = chunk.map(readBatchSession);
  const outcomes = await writer.write(() => puts.map((put) => sessions.upsert(put, now).outcome));
  return countChanges(outcomes);
}

async function storeMessages(
  { messages, writer }: Services,
  chunk: unknown[],
  now: number,
  errors: string[],
): Promise<number> {
  const reads = chunk.map(readBatchMessage);
  checkArgumentBytes(reads.reduce((sum, read) => sum + read.bytes, 0));
  const last = new Map(reads.map((read) => [messageKey(read.message), read]));
  for (const { message, refusal } of last.values()) {
    if (refusal) errors.push(`${message.externalId}: Error: ${messageOf(refusal)}`);
  }
  const storable = [...last.values()].filter((read) => !read.refusal);
  const outcomes = await writer.write(() =>
    storable.map(({ message }) => messages.upsert(message, now).outcome),
  );
  return countChanges(outcomes);
}

function messageKey(message: { sessionExternalId: string; externalId: string }): string {
  return JSON.stringify([message.sessionExternalId, message.externalId]);
}

function countChanges(outcomes: readonly Outcome[]): number {
  return outcomes.filter((outcome) => outcome !== "unchanged").length;
}
