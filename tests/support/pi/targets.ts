import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A version of pi that can be started. */
export interface PiTarget {
  /** For names of tests. */
  name: string;
  /** What starts it: a Node and pi's entry file. */
  command: string[];
  /** The version of its package, such as "1.5.2". */
  version: string;
}

/** Whether a pi is at least of `version`, such as "1.5". */
export function isSince(target: PiTarget, version: string): boolean {
  return Bun.semver.order(target.version, `${version}.0`) >= 0;
}

/** Makes a target of the command that starts it; its version stands in the package around it. */
export function describeTarget(name: string, command: string[]): PiTarget {
  return { name, command, version: findVersion(command.at(-1) ?? "") };
}

/** Reads `name=node cli.js;name2=node2 cli2.js`, the form of the variable `PI_TARGETS`. */
export function parseTargets(text: string): PiTarget[] {
  return text
    .split(";")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map((part) => {
      const [name = "", ...rest] = part.split("=");
      return describeTarget(name.trim(), rest.join("=").trim().split(/\s+/));
    });
}

function findVersion(entryFile: string): string {
  for (let dir = dirname(entryFile); dir !== dirname(dir); dir = dirname(dir)) {
    const manifest = join(dir, "package.json");
    if (!existsSync(manifest)) continue;
    const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version?: string };
    if (version) return version;
  }
  throw new Error(`no package around ${entryFile}`);
}
