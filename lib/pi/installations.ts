import { open, realpath } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";

import { hostPlatform } from "../platform/paths.ts";
import type { Env } from "../platform/paths.ts";
import { runProgram } from "../platform/run-program.ts";
import { asString } from "../session/value.ts";
import { readManifest } from "./package-source.ts";

/** A pi that can be started by its name. */
export interface PiInstallation {
  /** The program on the PATH. */
  path: string;
  /** Such as `1.5.2`. */
  version: string;
}

/** The oldest version of pi that our extension works with. */
export const piVersionMin = "0.73.0";

const packageNames = new Set(["@mariozechner/pi-coding-agent", "@earendil-works/pi-coding-agent"]);
const programNames = hostPlatform === "win32" ? ["pi.exe", "pi.cmd"] : ["pi"];
/** pi takes a second or two on a busy machine. */
const versionTimeoutMs = 5000;
/** A start script of npm is shorter. */
const scriptBytesMax = 4096;

/**
 * Finds every pi on the PATH, in its order; the first is the one that `pi` starts. The version stands
 * in the package around the program; only where there is none, the program is asked.
 */
export async function findPiInstallations(env: Env): Promise<PiInstallation[]> {
  const found = new Map<string, PiInstallation>();
  for (const dir of (env["PATH"] ?? "").split(delimiter)) {
    if (dir === "") continue;
    for (const path of programNames.map((name) => join(dir, name))) {
      const real = await realpath(path).catch(() => undefined);
      if (real === undefined || found.has(real)) continue;
      const installation = await describe(path, real, env);
      if (installation) found.set(real, installation);
    }
  }
  return [...found.values()];
}

/** Whether our extension works with a version of pi. */
export function isPiSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [majorMin = 0, minorMin = 0] = piVersionMin.split(".").map(Number);
  return major > majorMin || (major === majorMin && minor >= minorMin);
}

/** Undefined where it is another program of that name. */
async function describe(path: string, real: string, env: Env): Promise<PiInstallation | undefined> {
  const start = await readStart(real);
  if (start === undefined) return undefined;
  const version =
    (await findVersion(dirname(real))) ?? (await findVersion(join(dirname(real), target(start))));
  if (version !== undefined) return { path, version };
  const said = await runProgram(path, ["--version"], { env, timeoutMs: versionTimeoutMs });
  const told = /^(\d+\.\d+\.\d+\S*)\s*$/.exec(said ?? "")?.[1];
  return told === undefined ? undefined : { path, version: told };
}

/** The version of pi's package that a folder stands in. */
async function findVersion(folder: string): Promise<string | undefined> {
  for (let dir = folder; ; dir = dirname(dir)) {
    const manifest = await readManifest(dir);
    if (packageNames.has(asString(manifest?.["name"]) ?? ""))
      return asString(manifest?.["version"]);
    if (dir === dirname(dir)) return undefined;
  }
}

/** Where a start script as npm and pnpm write it leads to, from its own folder; else that folder. */
function target(script: string): string {
  const path = /(?:\$basedir|%~dp0|%dp0%)[\\/]+([^"'\n]*pi-coding-agent)/.exec(script)?.[1];
  return path?.replaceAll("\\", "/") ?? ".";
}

/** The beginning of a file; undefined where it is none or can't be read. */
async function readStart(path: string): Promise<string | undefined> {
  const file = await open(path).catch(() => undefined);
  try {
    const start = await file?.read(Buffer.alloc(scriptBytesMax), 0, scriptBytesMax);
    return start?.buffer.toString("latin1", 0, start.bytesRead);
  } catch {
    return undefined;
  } finally {
    await file?.close();
  }
}
