import { createHash, createHmac } from "node:crypto";
import { parametersOf, type S3Request } from "./request.ts";

/** What of a request's `authorization` and `x-amz-date` goes into its signature. */
export interface SignedScope {
  /** `20260131T235959Z`. */
  amzDate: string;
  /** `20260131`. */
  day: string;
  region: string;
  signedHeaders: string[];
}

/**
 * The signature that a request must carry (AWS Signature Version 4, header form), in hexadecimal.
 * It is worked out from the request as it came, apart from any client of ours.
 */
export function signatureOf(request: S3Request, scope: SignedScope, secret: string): string {
  const toSign = [
    "AWS4-HMAC-SHA256",
    scope.amzDate,
    `${scope.day}/${scope.region}/s3/aws4_request`,
    sha256(canonicalRequest(request, scope.signedHeaders)),
  ].join("\n");
  let key: Buffer | string = `AWS4${secret}`;
  for (const part of [scope.day, scope.region, "s3", "aws4_request"]) key = hmac(key, part);
  return hmac(key, toSign).toString("hex");
}

/** SHA-256 in hexadecimal. */
export function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

function canonicalRequest(request: S3Request, signedHeaders: string[]): string {
  const query = parametersOf(request.rawQuery)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join("&");
  const headers = signedHeaders.map(
    (name) => `${name}:${(request.headers[name] ?? "").trim().replace(/ +/g, " ")}\n`,
  );
  return [
    request.method,
    request.rawPath,
    query,
    headers.join(""),
    signedHeaders.join(";"),
    request.headers["x-amz-content-sha256"],
  ].join("\n");
}

function hmac(key: Buffer | string, data: string): Buffer {
  return createHmac("sha256", key).update(data).digest();
}
