import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";

/** What may go wrong with one request. */
export type Fault =
  /** The connection is closed before the server sees the request. */
  | "drop"
  /** The server stores it, and the answer is lost. */
  | "lose-answer"
  /** The server stores it, and half of the answer arrives. */
  | "cut-answer"
  /** Nothing ever comes. */
  | "stall"
  /** The request reaches the server 300 ms late. */
  | "slow"
  /** Trouble that says nothing. */
  | "500"
  /** Convex's word for a conflict. */
  | "conflict"
  | "429"
  /** A web page of a proxy in between. */
  | "page";

/** A proxy before a server that lets go wrong what `choose` says. */
export interface FaultyProxy extends AsyncDisposable {
  url: string;
  /** How often each fault happened. */
  counts: Map<Fault | "none", number>;
}

/** Starts a proxy on loopback. `choose` is asked once for each request. */
export async function faultyProxy(
  target: string,
  choose: () => Fault | undefined,
): Promise<FaultyProxy> {
  const counts = new Map<Fault | "none", number>();
  const server = createServer((request, response) => {
    const fault = choose();
    counts.set(fault ?? "none", (counts.get(fault ?? "none") ?? 0) + 1);
    answer(target, request, response, fault).catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    counts,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
  fault: Fault | undefined,
): Promise<void> {
  const body = await readBody(request);
  switch (fault) {
    case "drop":
      request.socket.destroy();
      return;
    case "stall":
      return;
    case "slow":
      await setTimeout(300);
      break;
    case "500":
      response.writeHead(500, json).end('{"error":"Something went wrong"}');
      return;
    case "conflict":
      response
        .writeHead(500, json)
        .end(
          '{"error":"Documents read from or written to the \\"sessions\\" table changed while this mutation was being run"}',
        );
      return;
    case "429":
      response.writeHead(429, { ...json, "retry-after": "0" }).end('{"error":"slow down"}');
      return;
    case "page":
      response.writeHead(503, { "content-type": "text/html" }).end("<html>Bad gateway</html>");
      return;
    default:
  }
  const { method = "GET", url = "/", headers } = request;
  const upstream = await fetch(`${target}${url}`, {
    method,
    headers: { authorization: headers.authorization ?? "", "content-type": "application/json" },
    ...(method === "GET" ? {} : { body }),
  });
  const text = await upstream.text();
  if (fault === "lose-answer") {
    request.socket.destroy();
    return;
  }
  response.writeHead(upstream.status, { ...json, "content-length": Buffer.byteLength(text) });
  if (fault === "cut-answer") {
    response.write(text.slice(0, text.length / 2), () => request.socket.destroy());
    return;
  }
  response.end(text);
}

const json = { "content-type": "application/json" };

async function readBody(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}
