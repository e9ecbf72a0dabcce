/** A server before the server `target` that refuses messages with `text` for good, in Convex's words. */
export function refusingServer(target: string, text: string) {
  const server = Bun.serve({
    port: 0,
    async fetch(request) {
      const body = await request.text();
      if (request.url.endsWith("/sync/message") && body.includes(text)) {
        const error = "Uncaught Error: Value is too large (1.2 MiB > maximum size 1 MiB)";
        return Response.json({ error }, { status: 500 });
      }
      const { pathname, search } = new URL(request.url);
      const { method, headers } = request;
      return fetch(`${target}${pathname}${search}`, {
        method,
        headers: { authorization: headers.get("authorization") ?? "" },
        ...(method === "POST" && { body }),
      });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}
