/**
 * Measures, and prints what came out against the goals: `bun run bench`, or `bun run bench NAME …`
 * for some of them. Nothing here is a test: machines differ, ratios less so.
 */

import { formatTable } from "../../cli/ui/format.ts";
import type { BenchResult } from "./bench.ts";
import { benchMemory, benchPipeline } from "./pipeline.bench.ts";
import { benchRedact } from "./redact.bench.ts";
import { benchStart } from "./start.bench.ts";
import { benchUnchanged } from "./unchanged.bench.ts";
import { benchUpload } from "./upload.bench.ts";

const benches: Record<string, () => Promise<BenchResult[]>> = {
  pipeline: benchPipeline,
  memory: benchMemory,
  unchanged: benchUnchanged,
  upload: benchUpload,
  redact: benchRedact,
  start: benchStart,
};

const chosen = process.argv.slice(2);
for (const [name, bench] of Object.entries(benches)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  const rows = (await bench()).map(({ name, value, unit, goal, ok }) => [
    ok ? "✓" : "✗",
    `${value >= 100 ? Math.round(value) : value.toFixed(2)} ${unit}`.trim(),
    `(goal ${goal})`,
    name,
  ]);
  console.log(`${name}\n${formatTable(rows, [1])}\n`);
}
