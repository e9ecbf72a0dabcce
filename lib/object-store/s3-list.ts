import { isListed, sortKeys } from "./object-key.ts";
import type { S3Client } from "./s3-client.ts";
import { brokenAnswer, S3Failure } from "./s3-failure.ts";
import type { S3Place } from "./s3-place.ts";
import { retryTransient } from "./s3-retry.ts";
import { readElement, readElements } from "./xml.ts";

/** A page has up to 1,000 keys of up to 1,024 bytes, which encoding makes three times as long. */
const pageBytesMax = 8 * 1024 * 1024;
const pagesMax = 200;

/** Lists keys, page by page, with ListObjectsV2. */
export async function listS3(
  client: S3Client,
  { prefix, after }: { prefix: string; after: string | undefined },
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const keys: string[] = [];
  const tokens = new Set<string>();
  let token: string | undefined;
  do {
    const query = { prefix, after, token };
    const page = await retryTransient(() => fetchPage(client, query, signal), client.clock, signal);
    for (const key of page.keys) keys.push(key);
    token = page.nextToken;
    if (token !== undefined && (tokens.has(token) || tokens.size >= pagesMax)) {
      throw unreadable(client.place, "a list without an end");
    }
    if (token !== undefined) tokens.add(token);
  } while (token !== undefined);
  // Some servers ignore `start-after`, or sort in another way.
  return sortKeys(keys.filter((key) => isListed(key, prefix, after)));
}

interface PageQuery {
  prefix: string;
  after: string | undefined;
  token: string | undefined;
}

interface Page {
  keys: string[];
  /** Undefined at the last page. */
  nextToken: string | undefined;
}

async function fetchPage(
  client: S3Client,
  { prefix, after, token }: PageQuery,
  signal: AbortSignal | undefined,
): Promise<Page> {
  const body = await client.send(
    {
      method: "GET",
      query: {
        "list-type": "2",
        // XML can't hold every character that a key may have.
        "encoding-type": "url",
        prefix,
        ...(after === undefined ? {} : { "start-after": after }),
        ...(token === undefined ? {} : { "continuation-token": token }),
      },
      bytesMax: pageBytesMax,
    },
    signal,
  );
  return readPage(client.place, new TextDecoder().decode(body));
}

function readPage(place: S3Place, xml: string): Page {
  if (!/<ListBucketResult[\s>]/.test(xml)) {
    throw xml === ""
      ? brokenAnswer(place, "an empty list")
      : unreadable(place, "no list of objects");
  }
  if (!xml.includes("</ListBucketResult>")) throw brokenAnswer(place, "a list that is cut off");
  const isEncoded = readElement(xml, "EncodingType") === "url";
  const keys = readElements(xml, "Key");
  const nextToken = readElement(xml, "NextContinuationToken");
  const isLast = readElement(xml, "IsTruncated") !== "true";
  if (!isLast && (nextToken ?? "") === "") throw unreadable(place, "a list without its next page");
  return {
    keys: isEncoded ? keys.map((key) => decodeKey(place, key)) : keys,
    nextToken: isLast ? undefined : nextToken,
  };
}

function decodeKey(place: S3Place, key: string): string {
  try {
    return decodeURIComponent(key.replaceAll("+", " "));
  } catch {
    throw unreadable(place, "a key that can't be read");
  }
}

function unreadable(place: S3Place, what: string): S3Failure {
  return new S3Failure("refused", `The ${place.name} answered with ${what}.`, {
    hint: "It does not answer as S3 does. Check the address of the storage.",
  });
}
