import { requireTarget } from "./load.ts";
import type { Config } from "./schema.ts";
import { AppError } from "../errors.ts";
import { createOpenSyncClient } from "../opensync/client.ts";
import type { Fetch } from "../opensync/request.ts";
import type { Clock } from "../platform/clock.ts";
import type { Env } from "../platform/paths.ts";

/** Of each of the two requests; a person waits twice as long at the most. */
const timeoutMs = 5000;

/** What a check needs of the world. */
export interface CheckTools {
  env: Env;
  clock: Clock;
  fetch: Fetch;
  signal: AbortSignal;
}

/**
 * Asks the server of a configuration whether it is OpenSync and takes the key, and writes nothing
 * there. Gives what speaks against it; undefined where nothing does, or where there is no server
 * or no key to ask with.
 */
export async function findTrouble(
  config: Config,
  { env, clock, fetch, signal }: CheckTools,
): Promise<AppError | undefined> {
  if (config.url === undefined || config.apiKey === undefined) return undefined;
  try {
    const target = await requireTarget(config, env);
    const client = createOpenSyncClient({ ...target, fetch, clock, timeoutMs });
    await client.checkHealth({ signal });
    await client.checkKey({ signal });
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}
