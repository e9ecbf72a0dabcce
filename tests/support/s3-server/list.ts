import { document, element, fieldsOf, Refusal } from "./refusal.ts";

/** The XML of one page of ListObjectsV2. @throws Refusal where a parameter can't be read */
export function listObjects(
  keys: Iterable<string>,
  query: ReadonlyMap<string, string>,
  { pageSize, listsLoosely }: { pageSize: number; listsLoosely: boolean },
): string {
  const prefix = query.get("prefix") ?? "";
  const token = query.get("continuation-token");
  const after = token === undefined ? query.get("start-after") : readToken(token);
  const found = [...keys].filter((key) => key.startsWith(prefix));
  const matching = listsLoosely
    ? found
    : found.filter((key) => after === undefined || compareUtf8(key, after) > 0).sort(compareUtf8);
  const page = matching.slice(0, Math.min(pageSize, readMaxKeys(query)));
  const last = page.at(-1);
  const isTruncated = last !== undefined && page.length < matching.length;
  const encode = encoderOf(query.get("encoding-type"));
  const head = {
    Prefix: encode(prefix),
    KeyCount: page.length,
    MaxKeys: readMaxKeys(query),
    IsTruncated: isTruncated,
    ...(query.has("encoding-type") ? { EncodingType: "url" } : {}),
    ...(isTruncated ? { NextContinuationToken: makeToken(last) } : {}),
    ...(query.has("start-after") ? { StartAfter: encode(query.get("start-after")!) } : {}),
  };
  const contents = page.map((key) => element("Contents", fieldsOf({ Key: encode(key) })));
  return document(element("ListBucketResult", fieldsOf(head) + contents.join("")));
}

function readMaxKeys(query: ReadonlyMap<string, string>): number {
  const text = query.get("max-keys") ?? "1000";
  if (!/^\d{1,9}$/.test(text)) throw invalid("max-keys must be a number.");
  return Math.min(Number(text), 1000);
}

/** Signs that have to be encoded in a query, so that who does not is found out. */
function makeToken(key: string): string {
  return `+/${Buffer.from(key).toString("base64")}==`;
}

function readToken(token: string): string {
  const [, key] = /^\+\/([A-Za-z0-9+/]+=*)==$/.exec(token) ?? [];
  if (key === undefined) throw invalid("The continuation token provided is incorrect");
  return Buffer.from(key, "base64").toString();
}

/** As AWS encodes keys: a space as `+`, and `/` as it is. */
function encoderOf(type: string | undefined): (key: string) => string {
  if (type === undefined) return (key) => key;
  if (type !== "url") throw invalid("Invalid Encoding Method specified in Request");
  return (key) =>
    encodeURIComponent(key)
      .replaceAll("%2F", "/")
      .replaceAll("%20", "+")
      .replace(/[!'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function compareUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function invalid(message: string): Refusal {
  return new Refusal(400, "InvalidArgument", message);
}
