/**
 * Whether a glob covers a path, both as lists of names. `*` and `?` stand for what is inside a name,
 * `**` for any number of folders. A glob also covers what is below the folder that it names.
 */
export function coversPath(glob: readonly string[], path: readonly string[]): boolean {
  // Follows the path name by name, with all places in the glob that it can have reached.
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

/** Whether a glob without folders covers a name. */
export function matchesName(glob: string, name: string): boolean {
  // A star takes as little as it can, and one more each time that what follows does not match.
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
