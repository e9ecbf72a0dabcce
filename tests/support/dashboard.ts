import type { Login } from "../../lib/dashboard/api.ts";
import { testServer, type TestServer } from "./server.ts";

/** An embedded server whose dashboard a person is logged in to. */
export interface TestDashboard extends TestServer {
  /** Sends a request below `/dashboard/api/` with the person's token. */
  send(path: string, init?: RequestInit): Promise<Response>;
  /** Reads an answer; an error where it is not 200. */
  get<T>(path: string): Promise<T>;
}

/** Starts a server on loopback and logs in as a person does, by its link. */
export async function testDashboard(): Promise<TestDashboard> {
  const started = await testServer();
  const { url } = started.server;
  const link = new URL(started.server.createLink()).hash.replace("#login=", "");
  const response = await fetch(`${url}/dashboard/api/login`, {
    method: "POST",
    body: JSON.stringify({ link }),
  });
  const { token } = (await response.json()) as Login;
  const send = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${url}/dashboard/api/${path}`, {
      ...init,
      headers: { Authorization: `Bearer ${token}`, ...(init.headers as Record<string, string>) },
    });
  return Object.assign(started, {
    send,
    get: async <T>(path: string): Promise<T> => {
      const answer = await send(path);
      if (answer.ok) return (await answer.json()) as T;
      throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    },
  });
}
