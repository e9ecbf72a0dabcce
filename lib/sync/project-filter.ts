import { coversProject } from "../config/project-glob.ts";
import { readProjectOptOut } from "../config/project.ts";
import type { Env } from "../platform/paths.ts";
import type { SessionHead } from "../transcript/session-head.ts";

/** Which projects are sent: globs over their folders. */
export interface ProjectFilterOptions {
  env: Env;
  exclude: readonly string[];
  /** These alone; all where it is empty. */
  only: readonly string[];
}

/**
 * Tells why a session's project is not to be sent, if so: by globs, or because it opted out in its
 * `.pi/opensync.json`. Each project is decided on once.
 */
export function createProjectFilter(
  options: ProjectFilterOptions,
): (head: SessionHead) => Promise<string | undefined> {
  const decisions = new Map<string, Promise<string | undefined>>();
  return ({ cwd = "" }) => {
    const decision = decisions.get(cwd) ?? leaveOutProject(cwd, options);
    decisions.set(cwd, decision);
    return decision;
  };
}

async function leaveOutProject(
  cwd: string,
  { env, exclude, only }: ProjectFilterOptions,
): Promise<string | undefined> {
  if (only.length > 0 && !coversProject(cwd, only, env)) return "of another project";
  if (coversProject(cwd, exclude, env)) return "of an excluded project";
  if (cwd === "") return undefined;
  const { isOff } = await readProjectOptOut(cwd);
  return isOff ? "switched off by the project's .pi/opensync.json" : undefined;
}
