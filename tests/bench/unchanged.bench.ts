import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { binary, startServe } from "../support/cli.ts";
import { interleave } from "./bench.ts";
import type { BenchResult } from "./bench.ts";
import { corpus, run } from "./corpus.ts";

const rounds = 11;

/** A second backfill, which finds nothing to do, against a bare walk over the same tree. */
export async function benchUnchanged(): Promise<BenchResult[]> {
  return [await measure(10_000, "60M"), await measure(50_000, "120M")];
}

async function measure(files: number, bytes: string): Promise<BenchResult> {
  const dir = await corpus({ files, bytes });
  const home = await mkdtemp(join(tmpdir(), "pi-opensync-bench-"));
  try {
    await using server = await startServe(home);
    const env = { HOME: home, PATH: process.env["PATH"], ...server.env() };
    const backfill = (): Promise<string> =>
      run([binary, "backfill", "--sessions", dir, "--quiet"], env);
    await backfill();
    const times = await interleave(rounds, {
      find: () => run(["find", dir, "-name", "*.jsonl", "-printf", "%p %s %T@\\n"]),
      backfill,
    });
    const value = (times["backfill"] ?? 0) / (times["find"] ?? 1);
    const name = `second backfill of ${files} unchanged files over find`;
    return { name, value, unit: "×", goal: "1.6", ok: value <= 1.6 };
  } finally {
    await rm(home, { recursive: true });
  }
}
