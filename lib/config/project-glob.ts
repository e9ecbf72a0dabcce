import { expandTilde } from "../platform/paths.ts";
import type { Env } from "../platform/paths.ts";
import { coversPath } from "./glob.ts";

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
