import { expandTilde } from "../platform/paths.ts";
import type { Env } from "../platform/paths.ts";

/**
 * Whether one of the globs covers a project. `*` and `?` stand for what is inside a name, `**` for
 * any number of folders, `~` for the home folder. A glob also covers what is below the folder that
 * it names, and one that does not begin at the root covers such a folder at any depth.
 */
export function coversProject(projectPath: string, globs: readonly string[], env: Env): boolean {
  const isWindows = /^(?:[a-z]:[\\/]|\\\\)/i.test(projectPath);
  const path = splitPath(projectPath, isWindows);
  return globs.some((glob) => {
    const expanded = expandTilde(isWindows ? glob.replaceAll("\\", "/") : glob, env);
    const isRooted = /^(?:[\\/]|[a-z]:)/i.test(expanded);
    const parts = splitPath(expanded, isWindows);
    return parts.length > 0 && coversPath(isRooted ? parts : ["**", ...parts], path);
  });
}

/** The names of a path. Windows takes both slashes, and letters of either case as the same. */
function splitPath(path: string, isWindows: boolean): string[] {
  const plain = isWindows ? path.replaceAll("\\", "/").toLowerCase() : path;
  // macOS hands out names decomposed that people type composed.
  const names = plain.normalize("NFC").split("/");
  return names.filter((name) => name !== "" && name !== ".");
}

/** Follows the path name by name, with all places in the glob that it can have reached. */
function coversPath(glob: readonly string[], path: readonly string[]): boolean {
  let reached = skipGlobstars(glob, [0]);
  for (const name of path) {
    if (reached.has(glob.length)) return true;
    const next = [...reached].flatMap((at) => {
      const part = glob[at] ?? "";
      if (part === "**") return [at];
      return matchesName(part, name) ? [at + 1] : [];
    });
    reached = skipGlobstars(glob, next);
  }
  return reached.has(glob.length);
}

/** The places, and those behind a `**`, which may also stand for no folder. */
function skipGlobstars(glob: readonly string[], places: readonly number[]): Set<number> {
  const reached = new Set(places);
  for (const at of reached) if (glob[at] === "**") reached.add(at + 1);
  return reached;
}

/** `*` takes as little as it can, and one more each time that what follows does not match. */
function matchesName(glob: string, name: string): boolean {
  let [inGlob, inName] = [0, 0];
  let star: { inGlob: number; inName: number } | undefined;
  while (inName < name.length) {
    if (glob[inGlob] === "*") {
      star = { inGlob: inGlob++, inName };
    } else if (glob[inGlob] === "?" || glob[inGlob] === name[inName]) {
      inGlob++;
      inName++;
    } else if (star !== undefined) {
      inGlob = star.inGlob + 1;
      inName = ++star.inName;
    } else {
      return false;
    }
  }
  return /^\**$/.test(glob.slice(inGlob));
}
