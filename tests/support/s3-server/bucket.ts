import { createHash } from "node:crypto";
import { listObjects } from "./list.ts";
import { Refusal } from "./refusal.ts";
import type { S3Request } from "./request.ts";

/** What is sent back. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

/** What a bucket does with requests. */
export interface BucketRules {
  /** Keys in one answer to a listing. */
  pageSize: number;
  /** Who may not list is not told which keys are missing: "AccessDenied" instead of "NoSuchKey". */
  mayList: boolean;
  /** What becomes of `If-None-Match`. */
  conditions: "honour" | "ignore" | "refuse";
  /** Lists hold all keys of the prefix in any order, whatever `start-after` says. */
  listsLoosely: boolean;
}

/** The objects of a bucket by key. */
export type Objects = Map<string, Uint8Array>;

/** Does what a verified request asks. @throws Refusal where it can't be done */
export function serveBucket(objects: Objects, request: S3Request, rules: BucketRules): Answer {
  const { method, key } = request;
  if (key === undefined) {
    if (method !== "GET" || request.query.get("list-type") !== "2") throw notImplemented();
    if (!rules.mayList) throw denied();
    return answer(200, listObjects(objects.keys(), request.query, rules), {
      "content-type": "application/xml",
    });
  }
  if (request.query.size > 0) throw notImplemented();
  switch (method) {
    case "GET":
    case "HEAD":
      return readObject(objects.get(key), key, rules);
    case "PUT":
      return writeObject(objects, request, key, rules);
    case "DELETE":
      objects.delete(key);
      return answer(204);
    default:
      throw new Refusal(405, "MethodNotAllowed", "The specified method is not allowed.");
  }
}

function readObject(body: Uint8Array | undefined, key: string, rules: BucketRules): Answer {
  if (body) return answer(200, body, { etag: etagOf(body) });
  if (!rules.mayList) throw denied();
  throw new Refusal(404, "NoSuchKey", "The specified key does not exist.", { Key: key });
}

function writeObject(
  objects: Objects,
  { headers, body }: S3Request,
  key: string,
  { conditions }: BucketRules,
): Answer {
  if (headers["content-length"] === undefined) {
    throw new Refusal(411, "MissingContentLength", "You must provide the Content-Length header.");
  }
  if (new TextEncoder().encode(key).length > 1024) {
    throw new Refusal(400, "KeyTooLongError", "Your key is too long");
  }
  const condition = headers["if-none-match"];
  if (condition !== undefined && conditions !== "ignore") {
    if (condition !== "*" || conditions === "refuse") throw notImplemented();
    if (objects.has(key)) {
      throw new Refusal(
        412,
        "PreconditionFailed",
        "At least one of the pre-conditions you specified did not hold",
        { Condition: "If-None-Match" },
      );
    }
  }
  if (headers["if-match"] !== undefined) throw notImplemented();
  objects.set(key, body);
  return answer(200, "", { etag: etagOf(body) });
}

/** Makes an answer out of text or bytes. */
export function answer(
  status: number,
  body: string | Uint8Array = "",
  headers: Record<string, string> = {},
): Answer {
  return { status, headers, body: typeof body === "string" ? Buffer.from(body) : body };
}

function etagOf(body: Uint8Array): string {
  return `"${createHash("md5").update(body).digest("hex")}"`;
}

function denied(): Refusal {
  return new Refusal(403, "AccessDenied", "Access Denied");
}

/** What S3 says to a request, or to a condition, that it does not know. */
function notImplemented(): Refusal {
  return new Refusal(
    501,
    "NotImplemented",
    "A header you provided implies functionality that is not implemented.",
  );
}
