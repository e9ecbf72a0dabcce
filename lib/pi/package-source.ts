import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

import { expandTilde } from "../platform/paths.ts";
import type { Env } from "../platform/paths.ts";
import { asRecord, asString } from "../session/value.ts";

/**
 * The name of the package that a source in pi's settings stands for: `npm:name@version`, an address
 * of a git repository, or a path that starts from `baseDir`. Undefined where nothing tells it.
 */
export async function readPackageName(
  source: string,
  baseDir: string,
  env: Env,
): Promise<string | undefined> {
  const npm = /^npm:(@[^/]+\/[^@]+|[^@]+)/.exec(source)?.[1];
  if (npm !== undefined) return npm.trim();
  if (isRemote(source)) return repositoryName(source);
  return readNearestName(resolve(baseDir, expandTilde(source, env)));
}

/** Whether a source is no path on this machine. */
export function isRemote(source: string): boolean {
  return /^(npm|git|github|https?|ssh|builtin):|^git@/.test(source);
}

/** The last part of the address, without `.git` and a branch or commit behind `@` or `#`. */
function repositoryName(source: string): string | undefined {
  const path = source.replace(/#.*$/, "").replace(/\/+$/, "");
  return /[/:]([^/:]+?)(\.git)?(@[^/:]*)?$/.exec(path)?.[1];
}

/** The name in the nearest package.json: of the folder, or of one around a file. */
async function readNearestName(path: string): Promise<string | undefined> {
  for (let dir = path; ; dir = dirname(dir)) {
    const manifest = await readManifest(dir);
    if (manifest) return asString(manifest["name"]);
    if (dir === dirname(dir)) return undefined;
  }
}

/** The package.json of a folder; undefined where there is none that can be read. */
export async function readManifest(dir: string): Promise<Record<string, unknown> | undefined> {
  try {
    return asRecord(JSON.parse(await readFile(join(dir, "package.json"), "utf8")));
  } catch {
    return undefined;
  }
}
