import { type Database, SQLiteError } from "bun:sqlite";
import type { Clock } from "../platform/clock.ts";
import { authError } from "./auth.ts";
import { getAsset } from "./dashboard/assets.ts";
import { createEvents } from "./dashboard/events.ts";
import { createLoginLinks } from "./dashboard/login.ts";
import type { Connection } from "./dashboard/peer.ts";
import { createDashboardApi, dashboardApiPath } from "./dashboard/routes.ts";
import { createMessages } from "./messages.ts";
import {
  getContext,
  getEvals,
  getExport,
  getSearch,
  getSession,
  getSessions,
  getStats,
} from "./read-routes.ts";
import {
  createRemover,
  deleteSession,
  emptyJournal,
  type RemoveServices,
} from "./remove-session.ts";
import { json, jsonError, plainText } from "./respond.ts";
import { createSearchIndex } from "./search-index.ts";
import { createSessions, formatSessionId } from "./sessions.ts";
import { listSessionIds, postBatch, postMessage, postSession } from "./sync-routes.ts";
import { createWriter } from "./writer.ts";

/** OpenSync's HTTP API and the dashboard over a database, without sockets. */
export interface App {
  /**
   * Answers a request; never rejects.
   *
   * @param connection what it came over, if any
   */
  fetch: (request: Request, connection?: Connection) => Promise<Response>;
  /** Commits and indexes all that waits; to be called before the database is closed. */
  flush: () => void;
  /** Makes the secret of a link to the dashboard, for `/#login=…`: good once, for 15 minutes. */
  createLoginLink: () => string;
  /** Ends the answers that go on as long as a page is open. */
  endStreams: () => void;
}

/** Makes the API of one user, whose key is `apiKey`. */
export function createApp(options: { database: Database; apiKey: string; clock: Clock }): App {
  const { database, apiKey, clock } = options;
  const searchIndex = createSearchIndex(database);
  const events = createEvents((id) => sessions.find(id));
  const sessions = createSessions(database, (id) => events.noteChange(id));
  const messages = createMessages(database, sessions, searchIndex);
  const writer = createWriter(database, searchIndex);
  const remove = createRemover(database);
  const removeSession = async (id: number): Promise<boolean> => {
    const isRemoved = await writer.write(() => remove(id));
    if (!isRemoved) return false;
    events.noteRemoval(formatSessionId(id));
    emptyJournal(database);
    return true;
  };
  const stores = { database, sessions, messages, searchIndex, writer };
  const services: RemoveServices = { ...stores, clock, removeSession };
  const links = createLoginLinks({ apiKey, clock });
  const answerDashboard = createDashboardApi({ ...services, apiKey, links, events });

  const answer = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    if (request.method === "GET") {
      const asset = await getAsset(request, url.pathname);
      if (asset) return asset;
    }
    const handle = routes.get(`${request.method} ${url.pathname}`);
    if (!handle) return plainText("No matching routes found", 404);
    if (url.pathname !== healthPath) {
      const error = authError(request, apiKey, url.pathname === listPath);
      if (error) return jsonError(error, 401);
    }
    return handle(services, url.searchParams, request);
  };

  return {
    async fetch(request, connection) {
      try {
        if (new URL(request.url).pathname.startsWith(dashboardApiPath)) {
          return await answerDashboard(request, connection);
        }
        if (request.method === "HEAD") return withoutBody(await answer(asGet(request)));
        return await answer(request);
      } catch (error) {
        return jsonError(describeError(error), 500);
      }
    },
    flush: () => writer.flush(),
    createLoginLink: () => links.create(),
    endStreams: () => events.close(),
  };
}

type Handler = (
  services: RemoveServices,
  query: URLSearchParams,
  request: Request,
) => Response | Promise<Response>;

const healthPath = "/health";
const listPath = "/sync/sessions/list";

const routes: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ["POST /sync/session", (services, _, request) => postSession(services, request)],
  ["POST /sync/message", (services, _, request) => postMessage(services, request)],
  ["POST /sync/batch", (services, _, request) => postBatch(services, request)],
  [`GET ${listPath}`, listSessionIds],
  ["GET /api/sessions", getSessions],
  ["DELETE /api/sessions", deleteSession],
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
