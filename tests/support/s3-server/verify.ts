import { Refusal } from "./refusal.ts";
import type { S3Request } from "./request.ts";
import { sha256, signatureOf } from "./signature.ts";

/** A key that the server knows. */
export interface S3Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  /** Must come along, signed, where there is one; and must not where there is none. */
  sessionToken?: string;
}

const algorithm = "AWS4-HMAC-SHA256";
const skewMaxMs = 15 * 60_000;

/** Checks who sent a request and that nothing of it was changed. @throws Refusal where that is not so */
export function verify(
  request: S3Request,
  known: { credentials: readonly S3Credentials[]; region: string; nowMs: number },
): void {
  const { accessKeyId, signature, ...scope } = readAuthorization(request);
  const credentials = known.credentials.find((each) => each.accessKeyId === accessKeyId);
  if (!credentials) {
    throw new Refusal(
      403,
      "InvalidAccessKeyId",
      "The AWS Access Key Id you provided does not exist in our records.",
      { AWSAccessKeyId: accessKeyId },
    );
  }
  checkRegion(scope.region, known.region);
  checkToken(request, credentials);
  checkDate(scope.amzDate, scope.day, known.nowMs);
  checkSignedHeaders(request, scope.signedHeaders);
  if (signatureOf(request, scope, credentials.secretAccessKey) !== signature) {
    throw new Refusal(
      403,
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
      { AWSAccessKeyId: accessKeyId, SignatureProvided: signature },
    );
  }
  checkBody(request);
}

function readAuthorization({ headers }: S3Request) {
  const { authorization } = headers;
  if (authorization === undefined) throw new Refusal(403, "AccessDenied", "Access Denied");
  const parts =
    /^AWS4-HMAC-SHA256 Credential=(?<accessKeyId>[^/,\s]+)\/(?<day>\d{8})\/(?<region>[^/,\s]+)\/s3\/aws4_request, ?SignedHeaders=(?<names>[a-z0-9;-]+), ?Signature=(?<signature>[0-9a-f]{64})$/.exec(
      authorization,
    )?.groups;
  if (!parts) {
    throw malformed(`The authorization header that you provided is not valid for ${algorithm}.`);
  }
  const signedHeaders = parts["names"]!.split(";");
  if (signedHeaders.join() !== signedHeaders.toSorted().join()) {
    throw malformed("The signed headers are not sorted.");
  }
  return {
    accessKeyId: parts["accessKeyId"]!,
    day: parts["day"]!,
    region: parts["region"]!,
    signedHeaders,
    signature: parts["signature"]!,
    amzDate: headers["x-amz-date"] ?? "",
  };
}

function checkRegion(region: string, expected: string): void {
  if (region === expected) return;
  throw malformed(
    `The authorization header is malformed; the region '${region}' is wrong; expecting '${expected}'`,
    { Region: expected },
  );
}

function checkToken({ headers }: S3Request, { sessionToken }: S3Credentials): void {
  if (headers["x-amz-security-token"] === sessionToken) return;
  throw new Refusal(400, "InvalidToken", "The provided token is malformed or otherwise invalid.");
}

function checkDate(amzDate: string, day: string, nowMs: number): void {
  const [, date, hours, minutes, seconds] = /^(\d{8})T(\d{2})(\d{2})(\d{2})Z$/.exec(amzDate) ?? [];
  if (date === undefined || date !== day) {
    throw new Refusal(403, "AccessDenied", "AWS authentication requires a valid Date header");
  }
  const isoDay = date.replace(/^(....)(..)(..)$/, "$1-$2-$3");
  const sentMs = Date.parse(`${isoDay}T${hours}:${minutes}:${seconds}Z`);
  if (Math.abs(sentMs - nowMs) <= skewMaxMs) return;
  throw new Refusal(
    403,
    "RequestTimeTooSkewed",
    "The difference between the request time and the current time is too large.",
    {
      RequestTime: amzDate,
      ServerTime: new Date(nowMs).toISOString().replace(/\.\d+/, ""),
      MaxAllowedSkewMilliseconds: String(skewMaxMs),
    },
  );
}

/** Whatever the request holds of these may change what it does, so nobody may have changed it. */
function checkSignedHeaders({ headers }: S3Request, signed: string[]): void {
  const unsigned = ["host", ...Object.keys(headers).filter((name) => name.startsWith("x-amz-"))]
    .filter((name) => !signed.includes(name))
    .join(", ");
  if (unsigned === "") return;
  throw new Refusal(
    403,
    "AccessDenied",
    "There were headers present in the request which were not signed",
    { HeadersNotSigned: unsigned },
  );
}

function checkBody({ headers, body }: S3Request): void {
  const claimed = headers["x-amz-content-sha256"];
  if (!/^[0-9a-f]{64}$/.test(claimed ?? "")) {
    throw new Refusal(400, "InvalidRequest", "x-amz-content-sha256 must be the body's SHA-256.");
  }
  if (claimed === sha256(body)) return;
  throw new Refusal(
    400,
    "XAmzContentSHA256Mismatch",
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
  );
}

function malformed(message: string, details: Record<string, string> = {}): Refusal {
  return new Refusal(400, "AuthorizationHeaderMalformed", message, details);
}
