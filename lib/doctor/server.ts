import type { OpenSyncClient } from "../opensync/client.ts";
import type { Clock } from "../platform/clock.ts";
import { failedCheck } from "./check.ts";
import type { CheckResult } from "./check.ts";

/** Beyond this, the times of sessions look wrong. */
const skewMsMax = 60_000;

/** Whether OpenSync answers, how fast, by which clock, and whether it takes the key. Writes nothing. */
export async function checkServer(
  client: OpenSyncClient,
  baseUrl: string,
  clock: Clock,
): Promise<CheckResult[]> {
  const [server, key] = await Promise.all([
    checkHealth(client, baseUrl, clock).catch((error: unknown) => [failedCheck(error)]),
    client.checkKey().then(keyIsAccepted, failedCheck),
  ]);
  const isThere = server.every(({ status }) => status !== "failure");
  return isThere ? [...server, key] : server;
}

const keyIsAccepted = (): CheckResult => ({ status: "well", found: "The key is accepted." });

async function checkHealth(
  client: OpenSyncClient,
  baseUrl: string,
  clock: Clock,
): Promise<CheckResult[]> {
  const askedAt = clock.now();
  const { timestamp } = await client.checkHealth();
  const latencyMs = clock.now() - askedAt;
  const found: CheckResult = {
    status: "well",
    found: `OpenSync answers at ${baseUrl} within ${latencyMs} ms.`,
  };
  const skewMs = Math.abs(timestamp - askedAt);
  if (skewMs < skewMsMax + latencyMs) return [found];
  const skew = `This machine's clock and the server's are ${Math.round(skewMs / 1000)} s apart.`;
  return [found, { status: "warning", found: skew, fix: "Set the clock of this machine." }];
}
