import { join } from "node:path";

import { tempDir } from "../support/temp.ts";
import type { BenchResult } from "./bench.ts";
import { corpus, run } from "./corpus.ts";

/** The whole table with the dictionaries of a person and of a team, under both runtimes. */
export async function benchRedact(): Promise<BenchResult[]> {
  const dir = await corpus({ files: 50, bytes: "50M" });
  const source = join(import.meta.dirname, "redact-speed.ts");
  await using built = await tempDir();
  await Bun.build({ entrypoints: [source], target: "node", outdir: built.path });
  const runtimes = [
    { runtime: "Bun", command: [process.execPath, source], goal: 100 },
    { runtime: "Node", command: ["node", join(built.path, "redact-speed.js")], goal: 60 },
  ];
  const results: BenchResult[] = [];
  for (const { runtime, command, goal } of runtimes) {
    for (const secrets of [20, 300]) {
      const value = Number(await run([...command, dir, String(secrets)]));
      const name = `redaction in ${runtime}, ${secrets} secrets`;
      results.push({ name, value, unit: "MB/s", goal: String(goal), ok: value >= goal });
    }
  }
  return results;
}
