import {
  createOpenSyncClient,
  type ClientOptions,
  type OpenSyncClient,
} from "../../../lib/opensync/client.ts";
import { systemClock } from "../../../lib/platform/clock.ts";

/** A request as it came in. */
export interface Received {
  method: string;
  path: string;
  headers: Headers;
  body: string;
  json: Record<string, unknown>;
}

/** A server that gives prepared answers. */
export interface ScriptedServer extends AsyncDisposable {
  baseUrl: string;
  received: Received[];
}

/** How to answer a request. */
export type Answerer = (request: Received, number: number) => Response | Promise<Response>;

export const apiKey = "osk_abcdefghijklmnopqrstuvwxyz012345";

/** Starts a server on loopback that answers as told and remembers what it was asked. */
export function scriptedServer(answer: Answerer): ScriptedServer {
  const received: Received[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      const url = new URL(request.url);
      const body = await request.text();
      const item: Received = {
        method: request.method,
        path: url.pathname + url.search,
        headers: request.headers,
        body,
        json: body === "" ? {} : (JSON.parse(body) as Record<string, unknown>),
      };
      received.push(item);
      return answer(item, received.length);
    },
  });
  return {
    baseUrl: `http://127.0.0.1:${server.port}`,
    received,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

/** A client whose waits between tries take no time. */
export function hastyClient(baseUrl: string, options: Partial<ClientOptions> = {}): OpenSyncClient {
  const clock = { ...systemClock, random: () => 0 };
  return createOpenSyncClient({ baseUrl, apiKey, fetch, clock, ...options });
}
