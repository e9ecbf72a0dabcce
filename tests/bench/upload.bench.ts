import { createOpenSyncClient } from "../../lib/opensync/client.ts";
import type { Fetch } from "../../lib/opensync/request.ts";
import { createPace } from "../../lib/opensync/pace.ts";
import { systemClock } from "../../lib/platform/clock.ts";
import { createRedactor } from "../../lib/redact/redact.ts";
import { startServer } from "../../lib/server/serve.ts";
import { findSessionFiles } from "../../lib/session/discover.ts";
import { planBackfill } from "../../lib/sync/backfill-plan.ts";
import { backfill } from "../../lib/sync/backfill.ts";
import { toSink } from "../../lib/sync/delivery.ts";
import { startServe } from "../support/cli.ts";
import { tempDir } from "../support/temp.ts";
import { median } from "./bench.ts";
import type { BenchResult } from "./bench.ts";
import { corpus } from "./corpus.ts";

const rounds = 3;
const inFlightMax = 8;

/** How fast messages arrive: against the floor of the latency, and into the embedded server. */
export async function benchUpload(): Promise<BenchResult[]> {
  return [
    // A session has one request in flight, so sessions are alike here: the longest sets no limit.
    await overLatency(50, { files: 96, bytes: "6M", sigma: 0.3 }),
    await overLatency(200, { files: 96, bytes: "3M", sigma: 0.3 }),
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
  await using data = await tempDir();
  await using server = await inProcess(data.path);
  const seconds = await upload(dir, server, slow);
  const used = busyMs / (seconds * 1000);
  const value = (requests * latencyMs) / 1000 / used / seconds;
  const best = (requests * latencyMs) / 1000 / inFlightMax / seconds;
  const name = `of the floor at ${latencyMs} ms with the ${used.toFixed(1)} requests in flight it used (${best.toFixed(2)} of the floor with ${inFlightMax})`;
  return { name, value, unit: "", goal: "0.9", ok: value >= 0.9 };
}

/** Over HTTP the server is a process of its own, as it is in use. */
async function intoServer(how: string, goal: number, isDirect: boolean): Promise<BenchResult> {
  const dir = await corpus({ files: 100, bytes: "20M" });
  const rates: number[] = [];
  for (let round = 0; round < rounds; round++) {
    let messages = 0;
    await using data = await tempDir();
    await using server = isDirect ? await inProcess(data.path) : await startServe(data.path);
    const send = "fetch" in server ? server.fetch : fetch;
    const seconds = await upload(dir, server, send, () => (messages += 1));
    rates.push(messages / seconds);
  }
  const value = median(rates);
  return { name: `messages ${how}`, value, unit: "/s", goal: String(goal), ok: value >= goal };
}

interface Target {
  url: string;
  apiKey: string;
}

async function inProcess(dataDir: string): Promise<Target & { fetch: Fetch } & AsyncDisposable> {
  const server = await startServer({ dataDir, port: 0 });
  return {
    url: server.url,
    apiKey: server.apiKey,
    fetch: (url, init) => server.fetch(new Request(url, init)),
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

/** Backfills a folder. Gives the seconds. */
async function upload(
  dir: string,
  { url, apiKey }: Target,
  send: Fetch,
  onMessage: () => void = () => {},
): Promise<number> {
  const client = createOpenSyncClient({
    baseUrl: url,
    apiKey,
    fetch: send,
    clock: systemClock,
    pace: createPace(systemClock, inFlightMax),
  });
  const startedAt = performance.now();
  const { files } = findSessionFiles({ env: {}, cwd: dir, sessionsDir: dir });
  const journal = { get: () => undefined, findBySession: () => [], put: () => {} };
  const events = backfill(planBackfill(files, journal, false), {
    journal,
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
  return (performance.now() - startedAt) / 1000;
}
