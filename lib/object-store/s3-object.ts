import type { S3Client } from "./s3-client.ts";
import { brokenAnswer, S3Failure } from "./s3-failure.ts";

/** Answers that say nothing. */
const silentBytesMax = 64 * 1024;

/** One try to read an object; undefined where there is none. */
export async function getOnce(
  client: S3Client,
  key: string,
  bytesMax: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  try {
    const body = await client.send({ method: "GET", key, bytesMax }, signal);
    if (body.byteLength === 0) throw brokenAnswer(client.place, "an object without its bytes");
    return body;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** An address that is wrong answers 404 as well: only S3's own word for it counts. */
function isMissing(error: unknown): boolean {
  return error instanceof S3Failure && error.s3Code === "NoSuchKey";
}

/** An object that is to be there. */
export interface Contents {
  key: string;
  body: Uint8Array;
}

/** One try to write an object. */
export async function putOnce(
  client: S3Client,
  { key, body }: Contents,
  signal: AbortSignal | undefined,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  await client.send({ method: "PUT", key, body, headers, bytesMax: silentBytesMax }, signal);
}

/** One try to remove an object. */
export async function deleteOnce(
  client: S3Client,
  key: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await client.send({ method: "DELETE", key, bytesMax: silentBytesMax }, signal);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
