import { isSameBody } from "./object-key.ts";
import type { Creation } from "./object-store.ts";
import type { S3Client } from "./s3-client.ts";
import { brokenAnswer, S3Failure } from "./s3-failure.ts";
import { type Contents, getOnce, putOnce } from "./s3-object.ts";
import { retryTransient } from "./s3-retry.ts";

/** Nothing that creation is used for is larger. */
const existingBytesMax = 16 * 1024 * 1024;

/**
 * Creates with a condition that the server checks. A repetition could meet what the first try wrote,
 * so after an outcome that got lost the object is looked at before anything else.
 */
export async function createAtomically(
  client: S3Client,
  key: string,
  body: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<Creation> {
  let isUnknown = false;
  const attempt = async (): Promise<Creation> => {
    const found = isUnknown ? await lookUp(client, { key, body }, signal) : undefined;
    if (found !== undefined) return found;
    isUnknown = false;
    try {
      await putOnce(client, { key, body }, signal, { "if-none-match": "*" });
      return { isCreated: true };
    } catch (error) {
      if (isConditionFailed(error)) return await lookUpWinner(client, { key, body }, signal);
      isUnknown = error instanceof S3Failure && error.isUnknown;
      throw error;
    }
  };
  try {
    return await retryTransient(attempt, client.clock, signal);
  } catch (error) {
    if (!isUnknown || !(error instanceof S3Failure)) throw error;
    const found = await lookUp(client, { key, body }, signal).catch(() => undefined);
    signal?.throwIfAborted();
    if (found === undefined) throw error;
    return found;
  }
}

function isConditionFailed(error: unknown): boolean {
  return error instanceof S3Failure && error.status === 412;
}

/** What a creation came to, to judge by the object; undefined where there is none. */
async function lookUp(
  client: S3Client,
  { key, body }: Contents,
  signal: AbortSignal | undefined,
): Promise<Creation | undefined> {
  const bytesMax = Math.max(existingBytesMax, body.byteLength);
  const existing = await getOnce(client, key, bytesMax, signal);
  if (existing === undefined) return undefined;
  return isSameBody(existing, body) ? { isCreated: true } : { isCreated: false, existing };
}

/** The same where there must be an object: one that has gone may be created at the next try. */
async function lookUpWinner(
  client: S3Client,
  object: Contents,
  signal: AbortSignal | undefined,
): Promise<Creation> {
  const found = await lookUp(client, object, signal);
  if (found === undefined)
    throw brokenAnswer(client.place, "no object where it says that there is one");
  return found;
}

/** Creates without a condition: looks before and after. */
export function createCarefully(
  client: S3Client,
  key: string,
  body: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<Creation> {
  const attempt = async (): Promise<Creation> => {
    const before = await lookUp(client, { key, body }, signal);
    if (before !== undefined) return before;
    await putOnce(client, { key, body }, signal);
    return lookUpWinner(client, { key, body }, signal);
  };
  return retryTransient(attempt, client.clock, signal);
}
