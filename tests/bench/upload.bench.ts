import { createOpenSyncClient } from "../../lib/opensync/client.ts";
import type { Fetch } from "../../lib/opensync/request.ts";
import { createPace } from "../../lib/opensync/pace.ts";
import { systemClock } from "../../lib/platform/clock.ts";
import { createRedactor } from "../../lib/redact/redact.ts";
import { startServer } from "../../lib/server/serve.ts";
import { findSessionFiles } from "../../lib/session/discover.ts";
import { backfill } from "../../lib/sync/backfill.ts";
import { toSink } from "../../lib/sync/delivery.ts";
import { tempDir } from "../support/temp.ts";
import { median } from "./bench.ts";
import type { BenchResult } from "./bench.ts";
import { corpus } from "./corpus.ts";

const rounds = 3;
const inFlightMax = 8;

/** How fast messages arrive: against the floor of the latency, and into the embedded server. */
export async function benchUpload(): Promise<BenchResult[]> {
  return [
    await overLatency(50, { files: 40, bytes: "3M" }),
    await overLatency(200, { files: 40, bytes: "1M" }),
    await intoServer("over HTTP on loopback", 8000, false),
    await intoServer("in one process", 15_000, true),
  ];
}

/** The floor is the time that as many requests in flight as allowed need for the round trips. */
async function overLatency(
  latencyMs: number,
  shape: Parameters<typeof corpus>[0],
): Promise<BenchResult> {
  const dir = await corpus(shape);
  let [requests, busyMs, inFlight, changedAt] = [0, 0, 0, 0];
  const slow: Fetch = async (url, init) => {
    const change = (by: number): void => {
      const now = performance.now();
      busyMs += inFlight * (now - changedAt);
      changedAt = now;
      inFlight += by;
    };
    requests += 1;
    change(1);
    await Bun.sleep(latencyMs);
    const response = await fetch(url, init);
    change(-1);
    return response;
  };
  const seconds = await upload(dir, slow);
  const used = busyMs / (seconds * 1000);
  const value = (requests * latencyMs) / 1000 / used / seconds;
  const best = (requests * latencyMs) / 1000 / inFlightMax / seconds;
  const name = `of the floor at ${latencyMs} ms with the ${used.toFixed(1)} requests in flight it used (${best.toFixed(2)} of the floor with ${inFlightMax})`;
  return { name, value, unit: "", goal: "0.9", ok: value >= 0.9 };
}

async function intoServer(how: string, goal: number, isDirect: boolean): Promise<BenchResult> {
  const dir = await corpus({ files: 100, bytes: "20M" });
  const rates: number[] = [];
  for (let round = 0; round < rounds; round++) {
    let messages = 0;
    const seconds = await upload(dir, isDirect ? "direct" : fetch, () => (messages += 1));
    rates.push(messages / seconds);
  }
  const value = median(rates);
  return { name: `messages ${how}`, value, unit: "/s", goal: String(goal), ok: value >= goal };
}

/** Backfills a folder into a new server. Gives the seconds. */
async function upload(
  dir: string,
  how: Fetch | "direct",
  onMessage: () => void = () => {},
): Promise<number> {
  await using data = await tempDir();
  const server = await startServer({ dataDir: data.path, port: 0 });
  const direct: Fetch = (url, init) => server.fetch(new Request(url, init));
  const client = createOpenSyncClient({
    baseUrl: server.url,
    apiKey: server.apiKey,
    fetch: how === "direct" ? direct : how,
    clock: systemClock,
    ...(how !== "direct" && { pace: createPace(systemClock, inFlightMax) }),
  });
  const startedAt = performance.now();
  const events = backfill(findSessionFiles({ env: {}, cwd: dir, sessionsDir: dir }).files, {
    journal: { get: () => undefined, findBySession: () => [], put: () => {} },
    openSink: (signal) => toSink(client, signal),
    redactor: createRedactor({ dictionary: [] }),
    transcript: { toolCalls: true, thinking: true },
    metadataOnly: false,
    force: false,
    lanes: 2 * inFlightMax,
    leaveOut: () => Promise.resolve(undefined),
    clock: systemClock,
  });
  for await (const event of events) if (event.type === "message") onMessage();
  const seconds = (performance.now() - startedAt) / 1000;
  await server.stop();
  return seconds;
}
