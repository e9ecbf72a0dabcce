import { type Deadline, startDeadline } from "../platform/deadline.ts";
import { classifyNetworkError } from "../platform/network-error.ts";
import { classifyAnswer, parseJson } from "./answer.ts";
import { networkFailure, OpenSyncError } from "./failure.ts";

/** The part of `fetch` that the client uses. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Where requests go, and as whom. */
export interface Target {
  baseUrl: string;
  apiKey: string;
  fetch: Fetch;
  /** For a `Retry-After` that names a date. */
  now: () => number;
}

/** One request to OpenSync. */
export interface Request<T> {
  method: "GET" | "POST";
  path: string;
  /** JSON text. */
  body?: string;
  /** Limit of the time from sending to the last byte of the answer. */
  timeoutMs: number;
  /** Limit of the answer. */
  bytesMax: number;
  /** What the answer's JSON means; undefined when OpenSync would not say such a thing. */
  read: (json: unknown) => T | undefined;
}

/**
 * Sends one request, once.
 *
 * @throws OpenSyncError for everything that can go wrong with it; the signal's reason when that
 * is aborted.
 */
export async function send<T>(
  target: Target,
  request: Request<T>,
  signal?: AbortSignal,
): Promise<T> {
  signal?.throwIfAborted();
  const deadline = startDeadline(request.timeoutMs, signal);
  try {
    const response = await startFetch(target, request, deadline.signal);
    const { text, complete } = await readText(response, request.bytesMax);
    const { status, headers } = response;
    const failure = classifyAnswer({ status, headers, body: text }, target.now());
    if (failure) throw failure;
    return readAnswer(request, complete ? parseJson(text) : undefined);
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof OpenSyncError ? error : describe(error, target, deadline);
  } finally {
    deadline.end();
  }
}

function startFetch(
  target: Target,
  request: Request<unknown>,
  signal: AbortSignal,
): Promise<Response> {
  const { method, body } = request;
  return target.fetch(`${target.baseUrl}${request.path}`, {
    method,
    headers: {
      accept: "application/json",
      authorization: `Bearer ${target.apiKey}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body }),
    // A redirect would carry the key to wherever it points.
    redirect: "manual",
    signal,
  });
}

/** The text of an answer, up to a limit. */
async function readText(
  response: Response,
  bytesMax: number,
): Promise<{ text: string; complete: boolean }> {
  if (response.body === null) return { text: "", complete: true };
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  // Leaving the loop early cancels the rest of the body.
  for await (const piece of response.body as AsyncIterable<Uint8Array>) {
    bytes += piece.byteLength;
    if (bytes > bytesMax) return { text, complete: false };
    text += decoder.decode(piece, { stream: true });
  }
  return { text: text + decoder.decode(), complete: true };
}

function readAnswer<T>(request: Request<T>, json: unknown): T {
  const meaning = json === undefined ? undefined : request.read(json);
  if (meaning === undefined) {
    throw new OpenSyncError("not-opensync", `The answer to ${request.path} is not OpenSync's.`);
  }
  return meaning;
}

function describe(error: unknown, target: Target, deadline: Deadline): OpenSyncError {
  const trouble = deadline.hasPassed()
    ? ({ kind: "timeout", code: undefined } as const)
    : classifyNetworkError(error);
  return networkFailure(trouble, target.baseUrl, error);
}
