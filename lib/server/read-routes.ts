import type { Database } from "bun:sqlite";
import {
  type Conversation,
  exportFileName,
  toChatMessages,
  toContextMessages,
  toContextText,
  toMarkdown,
} from "./export.ts";
import { presentMessage } from "./messages.ts";
import { attachment, json, jsonError } from "./respond.ts";
import type { SearchIndex } from "./search-index.ts";
import { formatSessionId, parseSessionId, presentSession, type SessionRow } from "./sessions.ts";
import { readStats } from "./stats.ts";
import type { Services } from "./sync-routes.ts";

/** What the reading handlers work on. */
export interface ReadServices extends Services {
  database: Database;
  searchIndex: SearchIndex;
}

/** `GET /api/sessions` (contract, section 8). */
export function getSessions({ sessions }: ReadServices, query: URLSearchParams): Response {
  return json({ sessions: sessions.list(readLimit(query, 50)).map(presentSession) });
}

/** `GET /api/sessions/get` (contract, section 8), without its limit of about 4,000 messages. */
export function getSession(services: ReadServices, query: URLSearchParams): Response {
  const found = findConversation(services, query);
  if (found instanceof Response) return found;
  const { session, messages } = found;
  return json({ session: presentSession(session), messages: messages.map(presentMessage) });
}

/** `GET /api/search` (contract, section 8); like an OpenSync without a key for embeddings. */
export function getSearch(services: ReadServices, query: URLSearchParams): Response {
  const limit = readLimit(query, 20);
  const type = query.get("type");
  const words = query.get("q");
  if (!words) return jsonError("Missing query parameter 'q'", 400);
  if (type === "semantic" || type === "hybrid") throw new Error("OPENAI_API_KEY not set");
  return json({ results: findSessions(services, words, limit).map(presentResult) });
}

/** `GET /api/context` (contract, section 8), by full-text search instead of embeddings. */
export function getContext(services: ReadServices, query: URLSearchParams): Response {
  const limit = readLimit(query, 5);
  const words = query.get("q");
  if (!words) return jsonError("Missing query parameter 'q'", 400);
  const found = findSessions(services, words, limit).map((session) => ({
    session,
    messages: services.messages.list(session.id),
  }));
  const isText = (query.get("format") || "text") === "text";
  const content = isText
    ? { text: toContextText(words, found) }
    : { messages: toContextMessages(found) };
  return json({ ...content, sessionCount: found.length });
}

/** `GET /api/export` (contract, section 8). */
export function getExport(services: ReadServices, query: URLSearchParams): Response {
  const found = findConversation(services, query);
  if (found instanceof Response) return found;
  const { session, messages } = found;
  const format = query.get("format");
  if (format === "markdown") {
    return attachment(toMarkdown(found), "text/markdown", exportFileName(session, "md"));
  }
  const chat = toChatMessages(messages);
  if (format === "jsonl") {
    const content = chat.map((message) => JSON.stringify(message)).join("\n");
    return json({ content, filename: exportFileName(session, "jsonl") });
  }
  const { title, model } = presentSession(session);
  return json({ session: { id: formatSessionId(session.id), title, model }, messages: chat });
}

/** `GET /api/stats` (contract, section 8), with models of any name. */
export function getStats({ database }: ReadServices): Response {
  return json(readStats(database));
}

/**
 * `GET /api/export/evals` (contract, section 8). Sessions are marked for evals on OpenSync's own
 * dashboard only, so there is never one to export here.
 */
export function getEvals(_: ReadServices, query: URLSearchParams): Response {
  if (evalFormats.includes(query.get("format") || "deepeval")) {
    return jsonError("No eval-ready sessions found", 404);
  }
  return jsonError(`Invalid format. Use: ${evalFormats.join(", ")}`, 400);
}

const evalFormats = ["deepeval", "openai", "promptfoo", "filesystem"];

function findConversation(services: ReadServices, query: URLSearchParams): Conversation | Response {
  const id = query.get("id");
  if (!id) return jsonError("Missing session ID", 400);
  const session = services.sessions.find(parseSessionId(id));
  if (!session) return jsonError("Session not found", 404);
  return { session, messages: services.messages.list(session.id) };
}

function findSessions(
  { searchIndex, sessions }: ReadServices,
  words: string,
  limit: number,
): SessionRow[] {
  const found = searchIndex.search(words, limit).map((id) => sessions.find(id));
  return found.filter((session) => session !== undefined);
}

function presentResult(row: SessionRow): object {
  const { id, externalId, title, projectPath, model, ...rest } = presentSession(row);
  const { totalTokens, cost, messageCount, createdAt } = rest;
  return { id, externalId, title, projectPath, model, totalTokens, cost, messageCount, createdAt };
}

/** As many as SQLite can count. */
const limitMax = 2 ** 31 - 1;

function readLimit(query: URLSearchParams, fallback: number): number {
  const limit = Number.parseInt(query.get("limit") || String(fallback), 10);
  if (limit >= 0) return Math.min(limit, limitMax);
  throw new Error("`limit` must be a number that is not negative");
}
