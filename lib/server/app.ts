import { type Database, SQLiteError } from "bun:sqlite";
import type { Clock } from "../platform/clock.ts";
import { authError } from "./auth.ts";
import { createMessages } from "./messages.ts";
import {
  getContext,
  getEvals,
  getExport,
  getSearch,
  getSession,
  getSessions,
  getStats,
  type ReadServices,
} from "./read-routes.ts";
import { json, jsonError, plainText } from "./respond.ts";
import { createSearchIndex } from "./search-index.ts";
import { createSessions } from "./sessions.ts";
import { listSessionIds, postBatch, postMessage, postSession } from "./sync-routes.ts";
import { createWriter } from "./writer.ts";

/** OpenSync's HTTP API over a database, without sockets. */
export interface App {
  /** Answers a request; never rejects. */
  fetch: (request: Request) => Promise<Response>;
  /** Commits and indexes all that waits; to be called before the database is closed. */
  flush: () => void;
}

/** Makes the API of one user, whose key is `apiKey`. */
export function createApp(options: { database: Database; apiKey: string; clock: Clock }): App {
  const { database, apiKey, clock } = options;
  const searchIndex = createSearchIndex(database);
  const sessions = createSessions(database);
  const messages = createMessages(database, sessions, searchIndex);
  const writer = createWriter(database, searchIndex);
  const services: ReadServices = { database, sessions, messages, searchIndex, writer, clock };

  const answer = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    if (request.method === "GET" && isPage(url.pathname)) return plainText(noPagesYet, 200);
    const handle = routes.get(`${request.method} ${url.pathname}`);
    if (!handle) return plainText("No matching routes found", 404);
    if (url.pathname !== healthPath) {
      const error = authError(request, apiKey, url.pathname === listPath);
      if (error) return jsonError(error, 401);
    }
    return handle(services, url.searchParams, request);
  };

  return {
    async fetch(request) {
      try {
        if (request.method === "HEAD") return withoutBody(await answer(asGet(request)));
        return await answer(request);
      } catch (error) {
        return jsonError(describeError(error), 500);
      }
    },
    flush: () => writer.flush(),
  };
}

type Handler = (
  services: ReadServices,
  query: URLSearchParams,
  request: Request,
) => Response | Promise<Response>;

/** Where people look, as `dashboardUrl` says. */
function isPage(path: string): boolean {
  return path === "/" || path.startsWith("/sessions/");
}

const noPagesYet =
  "pi-opensync runs here and keeps your sessions.\n" +
  "This version has no pages to read them on yet: GET /api/sessions with your key gives them as JSON.\n";

const healthPath = "/health";
const listPath = "/sync/sessions/list";

const routes: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ["POST /sync/session", (services, _, request) => postSession(services, request)],
  ["POST /sync/message", (services, _, request) => postMessage(services, request)],
  ["POST /sync/batch", (services, _, request) => postBatch(services, request)],
  [`GET ${listPath}`, listSessionIds],
  ["GET /api/sessions", getSessions],
  ["GET /api/sessions/get", getSession],
  ["GET /api/search", getSearch],
  ["GET /api/context", getContext],
  ["GET /api/export", getExport],
  ["GET /api/export/evals", getEvals],
  ["GET /api/stats", getStats],
  [`GET ${healthPath}`, ({ clock }) => json({ status: "ok", timestamp: clock.now() })],
]);

/** Trouble with the disk passes, so it is put in words that tell clients to try again. */
function describeError(error: unknown): string {
  if (!(error instanceof SQLiteError)) return String(error);
  return `Error: Your request couldn't be completed. Try again later. (${error.code})`;
}

function asGet(request: Request): Request {
  return new Request(request.url, { headers: request.headers });
}

function withoutBody(response: Response): Response {
  return new Response(null, { status: response.status, headers: response.headers });
}
