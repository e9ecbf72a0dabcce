import { AppError, type ErrorCode } from "../errors.ts";
import type { NetworkTrouble } from "../platform/network-error.ts";
import type { S3Place } from "./s3-place.ts";
import { readElement } from "./xml.ts";
import { readRetryAfter } from "../platform/retry-after.ts";

/** What is known of a failure besides its words. */
interface FailureDetails {
  hint?: string | undefined;
  cause?: unknown;
  /** The status of the answer; undefined where there was none. */
  status?: number;
  /** S3's own word for it, such as `NoSuchKey`. */
  s3Code?: string | undefined;
  /** Whether the same request may work later without anyone doing something about it. */
  isTransient?: boolean;
  /** Whether the server may have done what it was asked for. */
  isUnknown?: boolean;
  /** How long the server asks to wait. */
  retryAfterMs?: number | undefined;
}

/** A request to S3 that did not work. Its message never holds a credential. */
export class S3Failure extends AppError {
  override readonly name = "S3Failure";
  readonly status: number | undefined;
  readonly s3Code: string | undefined;
  readonly isTransient: boolean;
  readonly isUnknown: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, details: FailureDetails = {}) {
    const { hint, cause } = details;
    super(code, message, { ...(hint === undefined ? {} : { hint }), cause });
    this.status = details.status;
    this.s3Code = details.s3Code;
    this.isTransient = details.isTransient ?? false;
    this.isUnknown = details.isUnknown ?? false;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** What a server says of an error; anything in it may be missing or made up. */
export interface ServerError {
  code: string | undefined;
  message: string | undefined;
  region: string | undefined;
}

/** Reads the body of an error. */
export function readServerError(body: Uint8Array): ServerError {
  const xml = new TextDecoder().decode(body);
  if (!/<Error[\s>]/.test(xml)) return { code: undefined, message: undefined, region: undefined };
  const code = readElement(xml, "Code");
  return {
    code: code !== undefined && /^[A-Za-z][\w.-]{0,63}$/.test(code) ? code : undefined,
    message: readElement(xml, "Message"),
    region: readElement(xml, "Region"),
  };
}

/** An answer that is not a success. */
export interface Refusal {
  status: number;
  headers: Headers;
  said: ServerError;
}

/** The failure that an answer means. `nowMs` is for a `Retry-After` that names a date. */
export function describeRefusal(place: S3Place, refusal: Refusal, nowMs: number): S3Failure {
  const { status, headers } = refusal;
  const s3Code = withoutCredentials(refusal.said.code, place);
  const details: FailureDetails = { status, s3Code, hint: hintFor(place, refusal, s3Code) };
  const words = [`HTTP ${status}`, s3Code, summarise(refusal.said.message, place)];
  const because = words.filter((word) => word !== undefined).join(": ");
  if (isTransient(status, s3Code)) {
    return new S3Failure("network", `The ${place.name} can't do it now (${because}).`, {
      ...details,
      isTransient: true,
      isUnknown: status >= 500,
      retryAfterMs: readRetryAfter(headers, nowMs),
    });
  }
  const isAboutKeys = credentialCodes.has(s3Code ?? "") || status === 401 || status === 403;
  return isAboutKeys
    ? new S3Failure("unauthorised", `The ${place.name} does not let us in (${because}).`, details)
    : new S3Failure("refused", `The ${place.name} refused the request (${because}).`, details);
}

/** The failure of a request without a whole answer. */
export function networkFailure(
  place: S3Place,
  { kind, code }: NetworkTrouble,
  cause: unknown,
): S3Failure {
  const because = code === undefined ? "" : ` (${code})`;
  return new S3Failure(
    "network",
    `${networkMessages[kind].replace("%", () => place.name)}${because}.`,
    {
      hint: networkHints[kind],
      cause,
      isTransient: kind !== "tls",
      isUnknown: true,
    },
  );
}

/** The failure of an answer that can't be all of it; the next one may be. */
export function brokenAnswer(place: S3Place, what: string): S3Failure {
  return new S3Failure("network", `The ${place.name} sent ${what}.`, {
    isTransient: true,
    isUnknown: true,
  });
}

const networkMessages = {
  unreachable: "The % could not be reached",
  timeout: "The % did not answer in time",
  tls: "No trusted connection to the %",
};

const networkHints = {
  unreachable: "Check the address of the storage and the network.",
  timeout: "Try again, or check the network.",
  tls: "Check the address. For a certificate of your own, name its authority's file in NODE_EXTRA_CA_CERTS.",
};

const transientStatuses = new Set([408, 429, 500, 502, 503, 504]);
const transientCodes = new Set([
  "ConditionalRequestConflict",
  "OperationAborted",
  "RequestTimeout",
]);

function isTransient(status: number, s3Code: string | undefined): boolean {
  return transientStatuses.has(status) || transientCodes.has(s3Code ?? "");
}

const keyHint = "Copy the access key id and the secret access key again.";
const credentialCodes: ReadonlyMap<string, string> = new Map([
  ["InvalidAccessKeyId", `The storage does not know this access key. ${keyHint}`],
  ["SignatureDoesNotMatch", `The secret does not belong to this access key. ${keyHint}`],
  ["ExpiredToken", "The session token has expired. Get new credentials."],
  ["InvalidToken", "The session token is not valid. Get new credentials."],
  ["RequestTimeTooSkewed", "Set this machine's clock."],
  [
    "AccessDenied",
    "Check the access key, and let it get, put, delete and list objects: without the right to list, S3 answers so for an object that is not there.",
  ],
]);

function hintFor(
  place: S3Place,
  { status, headers, said }: Refusal,
  s3Code: string | undefined,
): string | undefined {
  if (s3Code === "NoSuchBucket") return "Make the bucket, or check its name and region.";
  if ((status >= 300 && status < 400) || s3Code === "AuthorizationHeaderMalformed") {
    const region = headers.get("x-amz-bucket-region") ?? said.region ?? "";
    return /^[a-z\d-]{1,40}$/.test(region) && region !== place.region
      ? `The bucket is in the region ${region}: set that, and the address that belongs to it.`
      : "Check the region and the address of the storage.";
  }
  const hint = credentialCodes.get(s3Code ?? "");
  if (hint !== undefined || s3Code !== undefined) return hint;
  return "It does not answer as S3 does. Check the address of the storage.";
}

const messageCharsMax = 300;

/** A server's words, fit for one line of a terminal or log. */
function summarise(message: string | undefined, place: S3Place): string | undefined {
  const line = message?.replaceAll(/[\p{C}\s]+/gu, " ").trim() ?? "";
  if (line === "") return undefined;
  return withoutCredentials(line, place)?.slice(0, messageCharsMax).toWellFormed();
}

function withoutCredentials(
  text: string | undefined,
  { credentials }: S3Place,
): string | undefined {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const secrets = [accessKeyId, secretAccessKey, sessionToken];
  return secrets.some((secret) => secret !== undefined && text?.includes(secret))
    ? undefined
    : text;
}
