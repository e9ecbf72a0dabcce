import { testServer } from "../support/server.ts";

/** A server with a key for it. */
export interface SlowServer extends AsyncDisposable {
  url: string;
  apiKey: string;
  /** How many requests came in so far. */
  requests(): number;
}

/** An embedded server that answers so late; for Infinity it takes requests and never answers. */
export async function slowServer(latencyMs: number): Promise<SlowServer> {
  const stack = new AsyncDisposableStack();
  const { server } = stack.use(await testServer());
  let requests = 0;
  const listener = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    async fetch(request) {
      requests += 1;
      if (latencyMs === Infinity) await new Promise(() => {});
      await Bun.sleep(latencyMs);
      return server.fetch(request);
    },
  });
  stack.defer(() => listener.stop(true));
  return {
    url: listener.url.href,
    apiKey: server.apiKey,
    requests: () => requests,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
