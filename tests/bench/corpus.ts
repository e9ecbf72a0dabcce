import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a corpus is like. The same description gives the same bytes. */
export interface CorpusShape {
  files: number;
  /** In all: `100M`, `1G`. */
  bytes: string;
  /** Size of each tool result, where they are all of one size. */
  line?: string;
  /** How much the sizes of the files differ; 0 for not at all, 1.7 as people's sessions do. */
  sigma?: number;
}

/** A folder of generated sessions, made at first use and kept in the temporary folder. */
export async function corpus({ files, bytes, line, sigma }: CorpusShape): Promise<string> {
  const name = [files, bytes, line ?? "any", ...(sigma === undefined ? [] : [sigma])].join("-");
  const dir = join(tmpdir(), `pi-opensync-corpus-${name}`);
  if (existsSync(dir)) return dir;
  const making = `${dir}.${process.pid}`;
  const generator = join(import.meta.dirname, "gen-sessions.ts");
  const shape = ["--files", String(files), "--bytes", bytes];
  if (line !== undefined) shape.push("--line", line);
  if (sigma !== undefined) shape.push("--sigma", String(sigma));
  await run([process.execPath, generator, "--out", making, ...shape, "--quiet"]);
  await rm(join(making, "manifest.json"));
  await rename(making, dir);
  return dir;
}

/** Runs a task of `child.ts` in a process of its own and gives what it prints. */
export function inChild(args: readonly string[]): Promise<string> {
  return run([process.execPath, join(import.meta.dirname, "child.ts"), ...args]);
}

/** Runs a program and gives what it prints; throws where it fails. */
export async function run(
  command: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string> {
  const child = Bun.spawn([...command], { stdio: ["ignore", "pipe", "inherit"], env: { ...env } });
  const output = await child.stdout.text();
  if ((await child.exited) !== 0) throw new Error(`${command.join(" ")} failed`);
  return output.trim();
}
