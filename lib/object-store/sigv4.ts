import { createHash, createHmac } from "node:crypto";

/** Who signs: what the storage's provider gives out as an access key. */
export interface S3Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  /** Comes with keys that expire. */
  sessionToken?: string | undefined;
}

/** What is signed. */
export interface UnsignedRequest {
  method: string;
  /** As it will be sent: what `encodeRfc3986` would encode is encoded, in the path and the query. */
  url: string;
  /** All of them are signed. Names are in small letters. */
  headers: Readonly<Record<string, string>>;
  /** The SHA-256 of the body, in hex. */
  bodySha256: string;
}

/** For whom, where and when a signature is made. */
export interface SigningScope {
  credentials: S3Credentials;
  region: string;
  /** Unix time in milliseconds. */
  nowMs: number;
}

/**
 * Signs a request to S3 in its headers, as AWS Signature Version 4 says. Gives the request's headers
 * and those that are added; `host` is signed and left to `fetch`.
 */
export function signRequest(request: UnsignedRequest, scope: SigningScope): Record<string, string> {
  const { accessKeyId, secretAccessKey, sessionToken } = scope.credentials;
  const { host, path, query } = splitUrl(request.url);
  const time = new Date(scope.nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const headers = {
    ...request.headers,
    "x-amz-content-sha256": request.bodySha256,
    "x-amz-date": time,
    ...(sessionToken === undefined ? {} : { "x-amz-security-token": sessionToken }),
  };
  const lines = sortByName(Object.entries({ ...headers, host }));
  const signedNames = lines.map(([name]) => name).join(";");
  const canonical = [
    request.method,
    path,
    canonicalQuery(query),
    ...lines.map(([name, value]) => `${name}:${value.trim().replaceAll(/ +/g, " ")}`),
    "",
    signedNames,
    request.bodySha256,
  ].join("\n");
  const day = time.slice(0, 8);
  const place = `${day}/${scope.region}/s3/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", time, place, hashBody(canonical)].join("\n");
  const key = [day, scope.region, "s3", "aws4_request"].reduce<string | Buffer>(
    (key, part) => hmac(key, part).digest(),
    `AWS4${secretAccessKey}`,
  );
  const signature = hmac(key, toSign).digest("hex");
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${place},SignedHeaders=${signedNames},Signature=${signature}`,
  };
}

/** The SHA-256 that a body is signed with, in hex. */
export function hashBody(body: string | Uint8Array): string {
  return createHash("sha256").update(body).digest("hex");
}

/**
 * Encodes all but letters, digits and `-._~`, as RFC 3986 and S3's servers do; `encodeURIComponent`
 * leaves five more characters.
 */
export function encodeRfc3986(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** By hand: `URL` would resolve names of dots. */
function splitUrl(url: string): { host: string; path: string; query: string } {
  const [, host = "", path = "", query = ""] =
    /^https?:\/\/([^/?]+)([^?]*)(?:\?(.*))?$/.exec(url) ?? [];
  return { host, path: path === "" ? "/" : path, query };
}

function canonicalQuery(query: string): string {
  if (query === "") return "";
  const fields = query.split("&").map((field): [string, string] => {
    const [name = "", value = ""] = field.split("=", 2);
    return [name, value];
  });
  return sortByName(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

/** By name and not by line: `a-b` is behind `a`, though `a-b=` is before `a=`. */
function sortByName(pairs: [string, string][]): [string, string][] {
  return pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function hmac(key: string | Buffer, text: string): ReturnType<typeof createHmac> {
  return createHmac("sha256", key).update(text);
}
