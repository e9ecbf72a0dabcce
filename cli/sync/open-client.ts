import { maskKey } from "../../lib/config/secret.ts";
import type { Target } from "../../lib/config/load.ts";
import type { OpenSyncClient } from "../../lib/opensync/client.ts";
import { systemClock } from "../../lib/platform/clock.ts";
import type { Messages } from "../ui/messages.ts";

/** A client for a run of many calls, which tells of trouble once and goes on. */
export async function openClient(
  target: Target,
  concurrency: number,
  messages: Messages,
): Promise<OpenSyncClient> {
  const { createOpenSyncClient } = await import("../../lib/opensync/client.ts");
  const { createPace } = await import("../../lib/opensync/pace.ts");
  messages.debug(`Sending to ${target.baseUrl} with the key ${maskKey(target.apiKey)}.`);
  let isTroubled = false;
  return createOpenSyncClient({
    ...target,
    fetch: globalThis.fetch,
    clock: systemClock,
    pace: createPace(systemClock, concurrency),
    onRetry: ({ error, delayMs }) => {
      messages.debug(`${error.message} Trying again in ${Math.ceil(delayMs / 1000)} s.`);
      if (!isTroubled && error.kind === "unreachable")
        messages.warn(`${error.message} Trying again.`);
      isTroubled = true;
    },
  });
}
