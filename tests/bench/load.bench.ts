import { mkdir, mkdtemp, readdir, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

import { packPackage } from "../../cli/build/pack.ts";
import { ourExtension } from "../support/pi/sandbox.ts";
import { tempDir } from "../support/temp.ts";
import { median } from "./bench.ts";
import type { BenchResult } from "./bench.ts";
import { run } from "./corpus.ts";

const rounds = 15;

/** What the extension adds to pi's start, over an empty one: "cold" is once for each version of it. */
export async function benchLoad(): Promise<BenchResult[]> {
  await using dir = await tempDir();
  const loader = await bundleLoader(dir.path);
  const packed = join(dir.path, "package");
  await packPackage(packed);
  const empty = join(dir.path, "empty/extension.js");
  await mkdir(join(dir.path, "empty"));
  await writeFile(empty, "export default function empty() {}\n");

  const times = await measure(rounds, dir.path, loader, {
    empty,
    package: join(packed, "extension.js"),
    sources: ourExtension,
  });
  const added = (what: string, when: "cold" | "warm"): number =>
    (times[`${what}, ${when}`] ?? NaN) - (times[`empty, ${when}`] ?? NaN);
  const results: BenchResult[] = [];
  for (const what of ["package", "sources"]) {
    for (const when of ["cold", "warm"] as const) {
      const value = added(what, when);
      const name = `the ${what}, ${when}, more than an empty extension`;
      const goal = what === "package" ? { goal: "10", ok: value <= 10 } : {};
      results.push({ name, value, unit: "ms", ...goal });
    }
  }
  const atStart = (await stat(join(packed, "main.mjs"))).size / 1000;
  const inAll = (await sizeOfModules(packed)) / 1000;
  return [
    ...results,
    {
      name: "code loaded at the start",
      value: atStart,
      unit: "KB",
      goal: "100",
      ok: atStart <= 100,
    },
    { name: "all code of the package", value: inAll, unit: "KB" },
  ];
}

/** Median times of loading extensions, each in processes of its own. */
async function measure(
  rounds: number,
  dir: string,
  loader: (tmpdir: string, extension: string) => Promise<number>,
  extensions: Readonly<Record<string, string>>,
): Promise<Record<string, number>> {
  const times = new Map<string, number[]>();
  for (let round = 0; round < rounds; round++) {
    for (const [name, extension] of Object.entries(extensions)) {
      // jiti keeps what it compiled in the temporary folder.
      const tmpdir = await mkdtemp(join(dir, "tmp-"));
      for (const when of ["cold", "warm"]) {
        const key = `${name}, ${when}`;
        times.set(key, [...(times.get(key) ?? []), await loader(tmpdir, extension)]);
      }
    }
  }
  return Object.fromEntries(Array.from(times, ([key, ms]) => [key, median(ms)]));
}

/** Loading once, in a Node of its own, with the jiti that pi brings. */
async function bundleLoader(
  dir: string,
): Promise<(tmpdir: string, extension: string) => Promise<number>> {
  const source = join(import.meta.dirname, "load-once.ts");
  await Bun.build({ entrypoints: [source], target: "node", outdir: dir, naming: "[name].mjs" });
  const pi = Bun.resolveSync("@mariozechner/pi-coding-agent", import.meta.dirname);
  const jiti = join(createRequire(pi).resolve("jiti"), "../jiti-static.mjs");
  return async (tmpdir, extension) => {
    const env = { ...process.env, TMPDIR: tmpdir };
    return Number(await run(["node", join(dir, "load-once.mjs"), jiti, extension], env));
  };
}

async function sizeOfModules(packed: string): Promise<number> {
  const names = await readdir(packed, { recursive: true });
  const modules = names.filter((name) => name.endsWith("js"));
  const sizes = await Promise.all(
    modules.map(async (name) => (await stat(join(packed, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
