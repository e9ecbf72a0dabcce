/**
 * Measures, and prints what came out against the goals: `bun run bench`, or `bun run bench NAME …`
 * for some of them. Nothing here is a test: machines differ, ratios less so.
 */

import { formatTable } from "../../cli/ui/format.ts";
import type { BenchResult } from "./bench.ts";
import { benchDashboard } from "./dashboard.bench.ts";
import { benchDashboardPage } from "./dashboard-page.bench.ts";
import { benchLive } from "./live.bench.ts";
import { benchLoad } from "./load.bench.ts";
import { benchMemory, benchPipeline } from "./pipeline.bench.ts";
import { benchPrompt } from "./prompt.bench.ts";
import { benchRedact } from "./redact.bench.ts";
import { benchSettings } from "./settings.bench.ts";
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
  load: benchLoad,
  live: benchLive,
  prompt: benchPrompt,
  settings: benchSettings,
  dashboard: benchDashboard,
  "dashboard-page": benchDashboardPage,
};

const chosen = process.argv.slice(2);
for (const [name, bench] of Object.entries(benches)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  const rows = (await bench()).map(({ name, value, unit, goal, ok }) => [
    ok === undefined ? " " : ok ? "✓" : "✗",
    `${value >= 100 ? Math.round(value) : value.toFixed(2)} ${unit}`.trim(),
    goal === undefined ? "" : `(goal ${goal})`,
    name,
  ]);
  console.log(`${name}\n${formatTable(rows, [1])}\n`);
}
