import { AppError } from "../errors.ts";
import type { Fetch } from "../opensync/request.ts";
import type { Clock } from "../platform/clock.ts";
import { startDeadline } from "../platform/deadline.ts";
import { classifyNetworkError } from "../platform/network-error.ts";
import {
  brokenAnswer,
  describeRefusal,
  networkFailure,
  readServerError,
  S3Failure,
  type ServerError,
} from "./s3-failure.ts";
import type { S3Place } from "./s3-place.ts";
import { encodeRfc3986, hashBody, signRequest } from "./sigv4.ts";

/** One request to a bucket. */
export interface S3Request {
  method: "GET" | "PUT" | "DELETE";
  /** The object; undefined for the bucket itself. */
  key?: string;
  query?: Readonly<Record<string, string>>;
  /** Names in small letters. */
  headers?: Readonly<Record<string, string>>;
  body?: Uint8Array;
  /** Limit of the answer. */
  bytesMax: number;
}

/** Sends requests to one bucket. */
export interface S3Client {
  readonly place: S3Place;
  readonly clock: Clock;
  /**
   * Sends a request, once, and again only where the server turned it away for its date or its token.
   *
   * @throws S3Failure for whatever is not a success; the signal's reason when that is aborted
   */
  send(request: S3Request, signal: AbortSignal | undefined): Promise<Uint8Array>;
}

/** What a client needs. */
export interface S3ClientTools {
  fetch: Fetch;
  clock: Clock;
  /** Limit of the time from sending to the last byte of an answer. */
  timeoutMs: number;
}

/** Makes a client, which learns from the answers what its server's clock says and what it refuses. */
export function openS3Client(place: S3Place, tools: S3ClientTools): S3Client {
  const habits: Habits = { aheadMs: 0, hasToken: place.credentials.sessionToken !== undefined };
  return {
    place,
    clock: tools.clock,
    async send(request, signal) {
      for (let sent = 1; ; sent++) {
        const nowMs = tools.clock.now();
        const signed = sign(place, request, habits, nowMs);
        const answer = await exchange(place, tools, { ...request, ...signed }, signal);
        const { status, headers, body } = answer;
        if (status >= 200 && status < 300) return body;
        const said = readServerError(body);
        const isWorthMore = sent < sendsMax && adapt(habits, place, answer, said, nowMs);
        if (!isWorthMore) throw describeRefusal(place, { status, headers, said }, nowMs);
      }
    },
  };
}

/** Once more for the date, and once for the token. */
const sendsMax = 3;

/** What a client has learned of its server. */
interface Habits {
  /** How far the server's clock is ahead of ours. */
  aheadMs: number;
  /** Whether a session token is sent. */
  hasToken: boolean;
}

interface Answer {
  status: number;
  headers: Headers;
  body: Uint8Array;
}

/** Learns from a refusal. Whether the request is worth sending again. */
function adapt(
  habits: Habits,
  place: S3Place,
  { status, headers }: Answer,
  said: ServerError,
  nowMs: number,
): boolean {
  if (said.code === "RequestTimeTooSkewed") {
    const aheadMs = Date.parse(headers.get("date") ?? "") - nowMs;
    // Signatures are valid for minutes around their date: less than one is not what is wrong.
    const isNews = Math.abs(aheadMs - habits.aheadMs) > 60_000;
    if (isNews) habits.aheadMs = aheadMs;
    return isNews;
  }
  // R2 refuses tokens that it did not give out itself, and takes the same keys without them.
  const isTokenRefused =
    status === 400 &&
    said.code === "InvalidArgument" &&
    /x-amz-security-token/i.test(said.message ?? "");
  if (!habits.hasToken || !isTokenRefused || !isR2(place.hostname)) return false;
  habits.hasToken = false;
  return true;
}

function isR2(hostname: string): boolean {
  return hostname.endsWith(".r2.cloudflarestorage.com");
}

function sign(
  place: S3Place,
  { method, key, query = {}, headers = {}, body }: S3Request,
  habits: Habits,
  nowMs: number,
): { url: string; headers: Record<string, string> } {
  const { accessKeyId, secretAccessKey, sessionToken } = place.credentials;
  const path = key === undefined ? "" : `/${key.split("/").map(encodeRfc3986).join("/")}`;
  const fields = Object.entries(query).map((pair) => pair.map(encodeRfc3986).join("="));
  const url = `${place.bucketUrl}${path}${fields.length === 0 ? "" : `?${fields.join("&")}`}`;
  const signed = signRequest(
    { method, url, headers, bodySha256: hashBody(body ?? "") },
    {
      credentials: { accessKeyId, secretAccessKey, ...(habits.hasToken && { sessionToken }) },
      region: place.region,
      nowMs: nowMs + habits.aheadMs,
    },
  );
  return { url, headers: signed };
}

async function exchange(
  place: S3Place,
  { fetch, timeoutMs }: S3ClientTools,
  request: S3Request & { url: string; headers: Record<string, string> },
  signal: AbortSignal | undefined,
): Promise<Answer> {
  signal?.throwIfAborted();
  const { method, url, headers, body } = request;
  const deadline = startDeadline(timeoutMs, signal);
  try {
    const response = await fetch(url, {
      method,
      // Compressed on the way, an answer's length would say nothing.
      headers: { ...headers, "accept-encoding": "identity" },
      ...(body === undefined ? {} : { body }),
      redirect: "manual",
      signal: deadline.signal,
    });
    return {
      status: response.status,
      headers: response.headers,
      body: await readBody(place, response, request.bytesMax),
    };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof AppError) throw error;
    const trouble = deadline.hasPassed()
      ? ({ kind: "timeout", code: undefined } as const)
      : classifyNetworkError(error);
    throw networkFailure(place, trouble, error);
  } finally {
    deadline.end();
  }
}

/** More than any error says. */
const errorBytesMax = 64 * 1024;

/** Reads an answer up to its limit. Of an error, the beginning is enough. */
async function readBody(place: S3Place, response: Response, bytesMax: number): Promise<Uint8Array> {
  const limit = response.ok ? bytesMax : errorBytesMax;
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop early cancels the rest of the body.
  for await (const piece of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += piece.byteLength;
    if (bytes > limit && response.ok) throw tooLarge(place, bytesMax);
    if (bytes > limit) return Buffer.concat(pieces);
    pieces.push(piece);
  }
  const length = response.headers.get("content-length");
  const isPlain = response.headers.get("content-encoding") === null;
  if (isPlain && length !== null && Number(length) !== bytes) {
    throw brokenAnswer(place, "an answer that is cut off");
  }
  return Buffer.concat(pieces);
}

function tooLarge(place: S3Place, bytesMax: number): S3Failure {
  return new S3Failure("refused", `The ${place.name} sent more than ${bytesMax} bytes.`, {
    hint: "Something else may have written this object.",
  });
}
