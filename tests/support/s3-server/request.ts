import type { IncomingMessage } from "node:http";
import { Refusal } from "./refusal.ts";

/** A request as it came over the wire, nothing normalised. */
export interface S3Request {
  method: string;
  /** From the first slash to the question mark, as it was sent. */
  rawPath: string;
  /** Behind the question mark, as it was sent. */
  rawQuery: string;
  /** By name in lower case. */
  headers: Record<string, string>;
  body: Uint8Array;
  /** Of the path; undefined where it holds less than `/bucket/key`. */
  bucket: string | undefined;
  key: string | undefined;
  /** Of the query, decoded. */
  query: Map<string, string>;
}

/** Reads a request to its end. @throws Refusal where path or query are not encoded as S3 signs them */
export async function readRequest(incoming: IncomingMessage): Promise<S3Request> {
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece as Buffer);
  const [rawPath = "", rawQuery = ""] = (incoming.url ?? "").split(/\?(.*)/s);
  const [bucket, ...names] = rawPath.slice(1).split("/");
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) headers[name] = String(value);
  return {
    method: incoming.method ?? "",
    rawPath,
    rawQuery,
    headers,
    body: Buffer.concat(pieces),
    bucket: bucket === "" ? undefined : decode(bucket ?? ""),
    key: names.join("/") === "" ? undefined : names.map(decode).join("/"),
    query: new Map(parametersOf(rawQuery).map(([name, value]) => [decode(name), decode(value)])),
  };
}

/** Names and values of a query, as they were sent. */
export function parametersOf(rawQuery: string): [string, string][] {
  return rawQuery
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => pair.split(/=(.*)/s))
    .map(([name = "", value = ""]) => [name, value]);
}

/**
 * Decodes what must be encoded in the one way that is signed: all but letters, digits and `-._~`,
 * with digits in upper case. S3 would encode anything else anew; this server is stricter.
 */
function decode(raw: string): string {
  if (!/^(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})*$/.test(raw)) throw invalid(raw);
  for (const [, digits] of raw.matchAll(/%(..)/g)) {
    const character = String.fromCharCode(Number.parseInt(digits!, 16));
    if (/[A-Za-z0-9._~-]/.test(character)) throw invalid(raw);
  }
  try {
    return decodeURIComponent(raw);
  } catch {
    throw invalid(raw);
  }
}

function invalid(raw: string): Refusal {
  return new Refusal(400, "InvalidURI", "Couldn't parse the specified URI.", { URI: raw });
}
