import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";
import { type Answer, type Objects, serveBucket } from "./bucket.ts";
import { answerBefore, type Fault, send, toAnswer } from "./fault.ts";
import { Refusal } from "./refusal.ts";
import { readRequest, type S3Request } from "./request.ts";
import { type S3Credentials, verify } from "./verify.ts";

/** How a server of S3 for tests is set up. */
export interface S3ServerOptions {
  credentials: readonly S3Credentials[];
  bucket: string;
  region: string;
  /** Keys in one answer to a listing (1000). */
  pageSize: number;
  /** How far its clock is ahead of the machine's, in milliseconds (0). */
  clockOffsetMs: number;
  /** How late it looks at a request that came whole, in milliseconds (0). */
  latencyMs: number;
  /** Without it, listing and missing keys are answered with 403 (true). */
  mayList: boolean;
  /** Where faults redirect to: scheme and host. */
  redirectTo: string;
  /** What comes with 429 and 503 (1). */
  retryAfterSeconds: number;
}

/** A request that came, and what it was answered. */
export interface RecordedRequest extends Omit<S3Request, "body"> {
  /** Undefined where no status line was sent. */
  status: number | undefined;
  /** Of the body. */
  bytesUp: number;
  /** Of the body, as it was meant: 0 where no answer was sent, Infinity where it has no end. */
  bytesDown: number;
}

/** A strict S3 on loopback with one bucket: it checks signatures and body hashes itself. */
export interface S3Server extends S3ServerOptions, AsyncDisposable {
  /** The endpoint, without the bucket. */
  readonly url: string;
  readonly objects: Objects;
  /** All requests so far. Clear it with `length = 0`. */
  readonly requests: RecordedRequest[];
  /** Asked once for each request that came whole, verified or not. May be replaced at any time. */
  chooseFault: (request: S3Request) => Fault | undefined;
}

/** The credentials of a server that is given none. */
export const testCredentials: S3Credentials = {
  accessKeyId: "AKIDTESTACCESSKEY000",
  secretAccessKey: "test/Secret+Access=Key0123456789abcdefgh",
};

/** Starts a server on a free port. What it is given may be changed on it later. */
export async function startS3Server(options: Partial<S3ServerOptions> = {}): Promise<S3Server> {
  const http = createServer((incoming, response) => {
    handle(server, incoming, response).catch(() => incoming.socket.destroy());
  });
  await new Promise<void>((resolve) => {
    http.listen(0, "127.0.0.1", resolve);
  });
  const { port } = http.address() as AddressInfo;
  const server: S3Server = {
    credentials: [testCredentials],
    bucket: "pi-settings",
    region: "eu-test-1",
    pageSize: 1000,
    clockOffsetMs: 0,
    latencyMs: 0,
    mayList: true,
    redirectTo: "http://127.0.0.1:9",
    retryAfterSeconds: 1,
    ...options,
    url: `http://127.0.0.1:${port}`,
    objects: new Map(),
    requests: [],
    chooseFault: () => undefined,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
  return server;
}

async function handle(
  server: S3Server,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const date = { date: new Date(Date.now() + server.clockOffsetMs).toUTCString() };
  let request: S3Request;
  try {
    request = await readRequest(incoming);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    send(response, undefined, toAnswer(error, date));
    return;
  }
  if (server.latencyMs > 0) await setTimeout(server.latencyMs);
  const fault = server.chooseFault(request);
  if (fault === "drop") {
    record(server, request, undefined, fault);
    incoming.socket.destroy();
    return;
  }
  const answer = respond(server, request, fault);
  record(server, request, answer, fault);
  send(response, fault, { ...answer, headers: { ...answer.headers, ...date } });
}

function respond(server: S3Server, request: S3Request, fault: Fault | undefined): Answer {
  try {
    const early = answerBefore(fault, request, server);
    if (early) return early;
    verify(request, { ...server, nowMs: Date.now() + server.clockOffsetMs });
    if (request.bucket !== server.bucket) {
      throw new Refusal(404, "NoSuchBucket", "The specified bucket does not exist");
    }
    const conditions =
      fault === "ignore-condition" ? "ignore" : fault === "refuse-condition" ? "refuse" : "honour";
    const listsLoosely = fault === "loose-list";
    return serveBucket(server.objects, request, { ...server, conditions, listsLoosely });
  } catch (error) {
    if (error instanceof Refusal) return toAnswer(error);
    throw error;
  }
}

function record(
  server: S3Server,
  { body, ...request }: S3Request,
  answer: Answer | undefined,
  fault: Fault | undefined,
): void {
  const isSilent = fault === "drop" || fault === "lose-answer" || fault === "stall";
  const hasBody = !isSilent && request.method !== "HEAD";
  server.requests.push({
    ...request,
    status: isSilent ? undefined : fault === "500-after" ? 500 : answer?.status,
    bytesUp: body.length,
    bytesDown: !hasBody ? 0 : fault === "endless-body" ? Infinity : (answer?.body.length ?? 0),
  });
}
