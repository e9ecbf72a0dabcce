import type {
  Facets,
  Login,
  LoginRequest,
  MessagePage,
  MessageView,
  Overview,
  SearchPage,
  SessionDetail,
  SessionPage,
  SessionQuery,
} from "../api.ts";

/** What a request can ask for in its query; undefined is left out. */
type Query = Record<string, string | number | boolean | undefined>;

/** A file that the server made. */
export interface Download {
  name: string;
  content: Blob;
}

/** In which form a session can be saved. */
export type ExportFormat = "markdown" | "json" | "jsonl";

/** The server's answers as values. All throw `RequestFailed`, and an abort's own error. */
export interface ApiClient {
  sessions(query: SessionQuery, signal?: AbortSignal): Promise<SessionPage>;
  facets(signal?: AbortSignal): Promise<Facets>;
  session(id: string, signal?: AbortSignal): Promise<SessionDetail>;
  messages(id: string, from: number, limit: number, signal?: AbortSignal): Promise<MessagePage>;
  message(id: string, messageId: string, signal?: AbortSignal): Promise<MessageView>;
  search(
    words: string,
    filters: SessionQuery,
    limit: number,
    signal?: AbortSignal,
  ): Promise<SearchPage>;
  overview(from?: number, to?: number, signal?: AbortSignal): Promise<Overview>;
  deleteSession(id: string): Promise<void>;
  exportSession(id: string, format: ExportFormat): Promise<Download>;
  /** The stream of events; it stays open. */
  events(signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
}

/** A request without the answer that was asked for, in words for a person. */
export class RequestFailed extends Error {
  override readonly name = "RequestFailed";
  /** The answer's status; 0 where no answer came. */
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

const root = "/dashboard/api/";

/** Asks the server with `token`; `onRefused` hears that the token is no longer good. */
export function createApiClient(token: string, onRefused: () => void): ApiClient {
  const send = async (path: string, init: RequestInit = {}): Promise<Response> => {
    try {
      return await request(path, { ...init, headers: { Authorization: `Bearer ${token}` } });
    } catch (error) {
      if (error instanceof RequestFailed && error.status === 401) onRefused();
      throw error;
    }
  };
  const get = async <T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> => {
    const answer = await send(path + queryText(query), signal ? { signal } : {});
    return (await answer.json()) as T;
  };
  const at = (id: string): string => `sessions/${encodeURIComponent(id)}`;
  return {
    sessions: (query, signal) => get("sessions", { ...query }, signal),
    facets: (signal) => get("facets", {}, signal),
    session: (id, signal) => get(at(id), {}, signal),
    messages: (id, from, limit, signal) => get(`${at(id)}/messages`, { from, limit }, signal),
    message: (id, messageId, signal) =>
      get(`${at(id)}/messages/${encodeURIComponent(messageId)}`, {}, signal),
    search: (q, filters, limit, signal) => get("search", { ...filters, q, limit }, signal),
    overview: (from, to, signal) => get("overview", { from, to }, signal),
    async deleteSession(id) {
      await send(at(id), { method: "DELETE" });
    },
    async exportSession(id, format) {
      const answer = await send(`${at(id)}/export${queryText({ format })}`);
      return { name: fileName(answer, format), content: await answer.blob() };
    },
    async events(signal) {
      const { body } = await send("events", { signal });
      if (body === null) throw new RequestFailed("The server sent no events.", 0);
      return body;
    },
  };
}

/** Exchanges a one-time link for a token. Throws `RequestFailed`, with 401 where the link is no longer good. */
export async function logIn(link: string): Promise<Login> {
  const asked: LoginRequest = { link };
  const answer = await request("login", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(asked),
  });
  return (await answer.json()) as Login;
}

async function request(path: string, init: RequestInit): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(root + path, { ...init, cache: "no-store", credentials: "omit" });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new RequestFailed("The server does not answer.", 0);
  }
  if (!answer.ok) throw new RequestFailed(await readError(answer), answer.status);
  return answer;
}

async function readError(answer: Response): Promise<string> {
  try {
    const { error } = (await answer.json()) as { error?: unknown };
    if (typeof error === "string" && error !== "") return error;
  } catch {
    // Not JSON: the status says what there is to say.
  }
  return `The server answered with status ${answer.status}.`;
}

function queryText(query: Query): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== "" && value !== false) params.set(name, String(value));
  }
  return params.size === 0 ? "" : `?${params}`;
}

function fileName(answer: Response, format: ExportFormat): string {
  const named = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1];
  return named ?? `session.${format === "markdown" ? "md" : format}`;
}
