/** A server to test. `fetch` reaches it without a socket, if it is in this process. */
export interface Target {
  baseUrl: string;
  apiKey: string;
  fetch?: (request: Request) => Promise<Response>;
}

/** An answer; `body` is parsed when it is JSON. */
export interface Answer {
  status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of any shape
  body: any;
  headers: Headers;
}

/** Calls to a server with its key. */
export interface Api {
  target: Target;
  post(path: string, body: unknown): Promise<Answer>;
  get(path: string, query?: Record<string, string>): Promise<Answer>;
  /** A call without the key. A body that is a string is sent as it is. */
  request(
    method: string,
    path: string,
    headers?: Record<string, string>,
    body?: unknown,
  ): Promise<Answer>;
  /** A new session's id of the server, under which it is read. */
  putSession(session: Record<string, unknown>): Promise<string>;
  /** A message that the server took. */
  putMessage(message: Record<string, unknown>): Promise<void>;
  /** What the server has of a session. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of any shape
  read(id: string): Promise<{ session: any; messages: any[] }>;
}

/** A message needs a time in the past: some versions drop changes to messages of the last 5 s. */
export const past = Date.UTC(2025, 5, 1);

/** An id that no other run uses. */
export function uniqueId(prefix = "s"): string {
  return `${prefix}-${crypto.randomUUID()}`;
}

/** A word that no other text holds. */
export function uniqueWord(): string {
  return `w${crypto.randomUUID().replaceAll("-", "")}`;
}

/** Speaks to a server. */
export function connect(target: Target): Api {
  const send = target.fetch ?? fetch;
  const withKey = { authorization: `Bearer ${target.apiKey}` };
  const api: Api = {
    target,
    async request(method, path, headers = {}, body) {
      const text = typeof body === "string" ? body : JSON.stringify(body);
      const init = text === undefined ? { method, headers } : { method, headers, body: text };
      const response = await send(new Request(target.baseUrl + path, init));
      return { status: response.status, body: await readBody(response), headers: response.headers };
    },
    post: (path, body) => api.request("POST", path, withKey, body),
    get: (path, query = {}) => api.request("GET", `${path}?${new URLSearchParams(query)}`, withKey),
    async putSession(session) {
      const { status, body } = await api.post("/sync/session", session);
      if (status !== 200 || body.ok !== true) throw new Error(JSON.stringify(body));
      return body.sessionId;
    },
    async putMessage(message) {
      const { status, body } = await api.post("/sync/message", message);
      if (status !== 200 || body.ok !== true) throw new Error(JSON.stringify(body));
    },
    async read(id) {
      const { status, body } = await api.get("/api/sessions/get", { id });
      if (status !== 200) throw new Error(JSON.stringify(body));
      return body;
    },
  };
  return api;
}

async function readBody(response: Response): Promise<unknown> {
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json");
  return isJson && text ? JSON.parse(text) : text;
}
