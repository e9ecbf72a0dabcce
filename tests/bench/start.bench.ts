import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { binary } from "../support/cli.ts";
import { interleave } from "./bench.ts";
import type { BenchResult } from "./bench.ts";
import { run } from "./corpus.ts";

const rounds = 31;

/** The start of the binary against that of a compiled empty program. */
export async function benchStart(): Promise<BenchResult[]> {
  const dir = await mkdtemp(join(tmpdir(), "pi-opensync-bench-"));
  try {
    const source = join(dir, "empty.ts");
    const empty = join(dir, "empty");
    await writeFile(source, "");
    await run([process.execPath, "build", "--compile", "--outfile", empty, source]);
    const times = await interleave(rounds, {
      empty: () => run([empty]),
      "--version": () => run([binary, "--version"]),
      "--help": () => run([binary, "--help"]),
    });
    return ["--version", "--help"].map((flag) => {
      const value = (times[flag] ?? 0) / (times["empty"] ?? 1);
      const name = `${flag} over a compiled empty program`;
      return { name, value, unit: "×", goal: "1.5", ok: value <= 1.5 };
    });
  } finally {
    await rm(dir, { recursive: true });
  }
}
