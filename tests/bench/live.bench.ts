import { cp, readdir } from "node:fs/promises";
import { join } from "node:path";

import { tempDir } from "../support/temp.ts";
import { median } from "./bench.ts";
import type { BenchResult } from "./bench.ts";
import { corpus, run } from "./corpus.ts";
import { slowServer } from "./slow-server.ts";

/** What the extension costs pi while it works, and how soon messages arrive; under Node. */
export async function benchLive(): Promise<BenchResult[]> {
  return [await benchHandlers(), await benchSlices(), ...(await benchAnswers())];
}

async function benchHandlers(): Promise<BenchResult> {
  const value = median(await measure("handlers"));
  return { name: "in the handlers of an event", value, unit: "µs", goal: "10", ok: value < 10 };
}

async function benchSlices(): Promise<BenchResult> {
  const slices = await measure("slices", { session: await largeSession() });
  const value = percentile(slices, 0.99);
  const name = "of work in a turn of the event loop at p99, while 20 MB are sent";
  return { name, value, unit: "ms", goal: "8", ok: value <= 8 };
}

async function benchAnswers(): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  for (const latencyMs of [0, 50, 200]) {
    const value = median(await measure("answers", { latencyMs }));
    const goal = 1.2 * latencyMs + 100;
    const name = `from the end of a message to the server's answer, at ${latencyMs} ms`;
    results.push({ name, value, unit: "ms", goal: String(goal), ok: value <= goal });
  }
  return results;
}

/** Runs a task of `live-child.ts` in Node, with a home and a server of its own. */
async function measure(
  task: string,
  { session, latencyMs = 0 }: { session?: string; latencyMs?: number } = {},
): Promise<number[]> {
  await using home = await tempDir();
  await using server = await slowServer(latencyMs);
  const child = join(home.path, "live-child.js");
  const source = join(import.meta.dirname, "live-child.ts");
  const external = ["@mariozechner/*"];
  await Bun.build({ entrypoints: [source], target: "node", outdir: home.path, external });
  const file = join(home.path, "session.jsonl");
  if (session !== undefined) await cp(session, file);
  const env = {
    PATH: process.env["PATH"],
    HOME: home.path,
    PI_OPENSYNC_CONVEX_URL: server.url,
    PI_OPENSYNC_API_KEY: server.apiKey,
  };
  return JSON.parse(await run(["node", child, task, file], env)) as number[];
}

async function largeSession(): Promise<string> {
  const dir = await corpus({ files: 1, bytes: "20M" });
  const names = await readdir(dir, { recursive: true });
  return join(dir, names.find((name) => name.endsWith(".jsonl")) ?? "");
}

function percentile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * share)] ?? NaN;
}
