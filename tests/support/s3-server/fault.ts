import type { ServerResponse } from "node:http";
import { answer, type Answer } from "./bucket.ts";
import { Refusal } from "./refusal.ts";
import type { S3Request } from "./request.ts";

/** What may go wrong with one request. */
export type Fault =
  /** The connection is closed before anything is done. */
  | "drop"
  /** It is done, and the connection is closed without an answer. */
  | "lose-answer"
  /** It is done, and nothing ever comes. */
  | "stall"
  /** Nothing is done. */
  | "500"
  | "429"
  | "503"
  /** Two writers at once, says the server, and neither has won. */
  | "409"
  /** It is done, and the answer says otherwise. */
  | "500-after"
  /** Nothing is done, and the answer is an empty success. */
  | "empty-200"
  /** Half of the body comes, then the connection ends. */
  | "cut-body"
  /** A body without end comes. */
  | "endless-body"
  /** An ETag that says it isn't exact. */
  | "weak-etag"
  /** `If-None-Match` is taken for nothing. */
  | "ignore-condition"
  /** `If-None-Match` is answered with 501. */
  | "refuse-condition"
  /** Keys come in no order, and `start-after` is taken for nothing. */
  | "loose-list"
  | "redirect-301"
  | "redirect-307"
  /** What R2 answered to a session token that it doesn't take; without one all is well. */
  | "refuse-token";

/** Chooses faults one after another; then all is well. */
export function inTurn(...faults: (Fault | undefined)[]): () => Fault | undefined {
  const waiting = [...faults];
  return () => waiting.shift();
}

/**
 * Chooses by key, so that another process can: `drop,500/name` names what happens to the first
 * requests for this very key; anything else is no fault.
 */
export function byKey(): (request: S3Request) => Fault | undefined {
  const choices = new Map<string, () => Fault | undefined>();
  return ({ key = "" }) => {
    const faults = key.replace(/\/.*/s, "").split(",") as Fault[];
    const choose = choices.get(key) ?? inTurn(...faults);
    choices.set(key, choose);
    return choose();
  };
}

/** What a fault answers before anything is done. */
export function answerBefore(
  fault: Fault | undefined,
  request: S3Request,
  { redirectTo, retryAfterSeconds }: { redirectTo: string; retryAfterSeconds: number },
): Answer | undefined {
  const later = { "retry-after": String(retryAfterSeconds) };
  switch (fault) {
    case "500":
      return internalError();
    case "429":
      return refuse(429, "TooManyRequests", "Please reduce your request rate.", later);
    case "503":
      return refuse(503, "SlowDown", "Please reduce your request rate.", later);
    case "409":
      return refuse(
        409,
        "ConditionalRequestConflict",
        "The conditional request cannot succeed due to a conflicting operation.",
      );
    case "empty-200":
      return answer(200);
    case "redirect-301":
    case "redirect-307":
      return refuse(
        Number(fault.slice("redirect-".length)),
        "PermanentRedirect",
        "The bucket must be addressed using the specified endpoint.",
        { location: `${redirectTo}${request.rawPath}` },
      );
    case "refuse-token":
      if (request.headers["x-amz-security-token"] === undefined) return undefined;
      return refuse(400, "InvalidArgument", "Invalid Argument: X-Amz-Security-Token");
    default:
      return undefined;
  }
}

/** Sends an answer as far as a fault lets it through. */
export function send(response: ServerResponse, fault: Fault | undefined, answer: Answer): void {
  const { status, headers, body } = fault === "500-after" ? internalError() : answer;
  switch (fault) {
    case "lose-answer":
      response.socket?.destroy();
      return;
    case "stall":
      return;
    case "cut-body":
      response.writeHead(status, { ...headers, "content-length": body.length });
      response.write(body.subarray(0, body.length / 2), () => response.socket?.destroy());
      return;
    case "endless-body":
      response.writeHead(status, headers);
      pour(response);
      return;
    default:
      if (fault === "weak-etag" && headers["etag"]) headers["etag"] = `W/${headers["etag"]}`;
      response.writeHead(status, { ...headers, "content-length": body.length }).end(body);
  }
}

/** Writes as fast as it is read, until the reader leaves. */
function pour(response: ServerResponse): void {
  const piece = Buffer.alloc(64 * 1024, "endless ");
  while (!response.destroyed) {
    if (response.write(piece)) continue;
    response.once("drain", () => pour(response));
    return;
  }
}

function internalError(): Answer {
  return refuse(500, "InternalError", "We encountered an internal error. Please try again.");
}

/** An error of S3 as an answer. */
function refuse(
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): Answer {
  return toAnswer(new Refusal(status, code, message), headers);
}

/** The answer that a refusal is. */
export function toAnswer(refusal: Refusal, headers: Record<string, string> = {}): Answer {
  return answer(refusal.status, refusal.toXml(), { "content-type": "application/xml", ...headers });
}
