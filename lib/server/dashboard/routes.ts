import type { LoginLink, SessionSummary } from "../../dashboard/api.ts";
import { must } from "../../assert.ts";
import { authError } from "../auth.ts";
import { tryParseSessionId } from "../sessions.ts";
import type { RemoveServices } from "../remove-session.ts";
import { answerError, answerJson, checkOrigin, Refusal } from "./answer.ts";
import { readDetail, readMessage, readMessagePage } from "./conversation.ts";
import type { Events } from "./events.ts";
import { exportSession } from "./export.ts";
import type { LoginLinks } from "./login.ts";
import { readOverview } from "./overview.ts";
import { type Connection, isOwnConnection } from "./peer.ts";
import { readFilters, readPage, readSessionQuery, readSpan } from "./query.ts";
import { createSearch } from "./search.ts";
import { createSessionList, type SessionList } from "./session-list.ts";

/** Where the page asks; see lib/dashboard/api.ts for what. */
export const dashboardApiPath = "/dashboard/api/";
/** The request that is answered as long as the page is open: the listener must not end it. */
export const eventsPath = `${dashboardApiPath}events`;

const loginBytesMax = 4096;

/** Answers the requests below {@link dashboardApiPath}; never rejects. */
export type DashboardApi = (request: Request, connection?: Connection) => Promise<Response>;

/** What the dashboard's API works on. */
export interface DashboardServices extends RemoveServices {
  apiKey: string;
  links: LoginLinks;
  events: Events;
}

/** Makes the dashboard's API. */
export function createDashboardApi(services: DashboardServices): DashboardApi {
  const routes = createRoutes(services);
  return async (request, connection) => {
    try {
      checkOrigin(request);
      const { pathname, searchParams } = new URL(request.url);
      const path = pathname.slice(dashboardApiPath.length).split("/").map(decodeSegment);
      const { route, params } = matchRoute(routes, path, request.method);
      checkAccess(services, route.access ?? "token", request);
      return await route.answer({ request, connection, query: searchParams, params });
    } catch (error) {
      return answerError(error);
    }
  };
}

interface Call {
  request: Request;
  connection: Connection | undefined;
  query: URLSearchParams;
  /** What stands in the path for the route's `*`. */
  params: readonly string[];
}

interface Route {
  method: "GET" | "POST" | "DELETE";
  /** Segments; `*` stands for any. */
  path: string;
  /** Who may ask; a person with a token where nothing is said. */
  access?: "anyone" | "api-key";
  answer: (call: Call) => Response | Promise<Response>;
}

function createRoutes(services: DashboardServices): readonly Route[] {
  const { database, links, events } = services;
  const sessions = createSessionList(database);
  const search = createSearch({ ...services, sessions });
  return [
    ...entranceRoutes(links),
    ...sessionRoutes(services, sessions),
    {
      method: "GET",
      path: "sessions",
      answer: ({ query }) => answerJson(sessions.page(readSessionQuery(query))),
    },
    { method: "GET", path: "facets", answer: () => answerJson(sessions.facets()) },
    {
      method: "GET",
      path: "search",
      answer: ({ query }) => {
        const { limit } = readPage(query, "offset", 50);
        return answerJson(search(query.get("q") ?? "", readFilters(query), limit));
      },
    },
    {
      method: "GET",
      path: "overview",
      answer: ({ query }) => answerJson(readOverview(database, sessions, readSpan(query))),
    },
    { method: "GET", path: "events", answer: ({ request }) => events.open(request.signal) },
  ];
}

function entranceRoutes(links: LoginLinks): Route[] {
  return [
    {
      method: "POST",
      path: "login",
      access: "anyone",
      answer: async (call) => answerJson(await logIn(call, links)),
    },
    {
      method: "POST",
      path: "links",
      access: "api-key",
      answer: ({ request }) => {
        const { origin } = new URL(request.url);
        return answerJson({ url: `${origin}/#login=${links.create()}` } satisfies LoginLink);
      },
    },
  ];
}

function sessionRoutes(services: DashboardServices, sessions: SessionList): Route[] {
  const { messages } = services;
  const find = ([name = ""]: readonly string[]): { id: number; session: SessionSummary } => {
    const id = tryParseSessionId(name) ?? sessions.idOf(name);
    const session = id === undefined ? undefined : sessions.find(id);
    if (id === undefined || !session) throw new Refusal(404, "There is no such session.");
    return { id, session };
  };
  return [
    {
      method: "GET",
      path: "sessions/*",
      answer: ({ params }) => {
        const { id, session } = find(params);
        return answerJson(readDetail(session, id, sessions, messages));
      },
    },
    {
      method: "DELETE",
      path: "sessions/*",
      answer: async ({ params }) => {
        await services.removeSession(find(params).id);
        return answerJson({});
      },
    },
    {
      method: "GET",
      path: "sessions/*/messages",
      answer: ({ params, query }) => {
        const { id, session } = find(params);
        const page = readPage(query, "from", 100);
        return answerJson(readMessagePage(id, page, session.messages, messages));
      },
    },
    {
      method: "GET",
      path: "sessions/*/messages/*",
      answer: ({ params }) => {
        const message = readMessage(find(params).id, params[1] ?? "", messages);
        if (!message) throw new Refusal(404, "There is no such message.");
        return answerJson(message);
      },
    },
    {
      method: "GET",
      path: "sessions/*/export",
      answer: ({ params, query }) => {
        const { id, session } = find(params);
        const row = must(services.sessions.find(id), "the session");
        return exportSession(query.get("format"), row, session, messages.list(id));
      },
    },
  ];
}

async function logIn({ request, connection }: Call, links: LoginLinks): Promise<object> {
  if (connection && !(await isOwnConnection(connection))) {
    throw new Refusal(403, "Only the user who runs the server can get in.");
  }
  if (Number(request.headers.get("content-length") ?? 0) > loginBytesMax) {
    throw new Refusal(413, "The request is too large.");
  }
  const link = readLink(await request.text());
  const login = link === undefined ? undefined : links.redeem(link);
  if (login) return login;
  throw new Refusal(401, "This link is used up or too old. Run 'pi-opensync open' for another.");
}

function readLink(body: string): string | undefined {
  try {
    const { link } = Object(JSON.parse(body)) as { link?: unknown };
    return typeof link === "string" ? link : undefined;
  } catch {
    return undefined;
  }
}

function checkAccess(
  { apiKey, links }: DashboardServices,
  access: "anyone" | "api-key" | "token",
  request: Request,
): void {
  if (access === "anyone") return;
  if (access === "api-key") {
    const error = authError(request, apiKey, true);
    if (error) throw new Refusal(401, error);
    return;
  }
  const [, token = ""] =
    /^Bearer (.{1,200})$/.exec(request.headers.get("authorization") ?? "") ?? [];
  if (!links.isToken(token)) throw new Refusal(401, "Run 'pi-opensync open' to get in.");
}

function matchRoute(
  routes: readonly Route[],
  path: readonly string[],
  method: string,
): { route: Route; params: string[] } {
  const fitting = routes.filter((route) => {
    const segments = route.path.split("/");
    return (
      segments.length === path.length &&
      segments.every((segment, i) => segment === path[i] || (segment === "*" && path[i] !== ""))
    );
  });
  const route = fitting.find((candidate) => candidate.method === method);
  if (route) {
    const params = path.filter((_, i) => route.path.split("/")[i] === "*");
    return { route, params };
  }
  if (fitting.length === 0) throw new Refusal(404, "There is nothing here.");
  const allowed = fitting.map((candidate) => candidate.method).join(", ");
  throw new Refusal(405, `This takes ${allowed} alone.`, { Allow: allowed });
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
