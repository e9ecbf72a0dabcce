import { readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { messageOf } from "../errors.ts";
import { isNotFound } from "../platform/files.ts";

/** Whether a project keeps its sessions from being sent. */
export interface ProjectOptOut {
  isOff: boolean;
  /** Files that could not be understood. They turn sending off: somebody wanted something. */
  warnings: string[];
}

const optOutFile = join(".pi", "opensync.json");

/**
 * Reads `.pi/opensync.json` of a project's folder, and of those above it up to the nearest with
 * `.git`. With `"enabled": false` in one of them nothing of the project is sent. That is all such
 * a file can do: a project that was cloned must not be able to send more, or elsewhere.
 */
export async function readProjectOptOut(projectPath: string): Promise<ProjectOptOut> {
  const warnings: string[] = [];
  let isOff = false;
  for (const folder of await listProjectFolders(projectPath)) {
    const path = join(folder, optOutFile);
    const enabled = await readEnabled(path);
    isOff ||= enabled !== true;
    if (typeof enabled === "string") warnings.push(`${path} ${enabled}, so nothing here is sent.`);
  }
  return { isOff, warnings };
}

/** The folder and those above it up to the nearest with `.git`; the folder alone without one. */
async function listProjectFolders(projectPath: string): Promise<string[]> {
  const folders = [projectPath];
  for (let folder = projectPath; !(await isThere(join(folder, ".git")));) {
    const parent = dirname(folder);
    if (parent === folder) return [projectPath];
    folders.push(parent);
    folder = parent;
  }
  return folders;
}

/** What a file says; a string is why it says nothing. */
async function readEnabled(path: string): Promise<boolean | string> {
  try {
    const content: unknown = JSON.parse(await readFile(path, "utf8"));
    if (typeof content !== "object" || content === null) return "does not hold a JSON object";
    const enabled = "enabled" in content ? content.enabled : true;
    return typeof enabled === "boolean" ? enabled : 'has an "enabled" other than true or false';
  } catch (error) {
    if (isMissing(error)) return true;
    return error instanceof SyntaxError
      ? "is not valid JSON"
      : `cannot be read: ${messageOf(error)}`;
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    return !isMissing(error);
  }
}

function isMissing(error: unknown): boolean {
  return (
    isNotFound(error) || (error instanceof Error && "code" in error && error.code === "ENOTDIR")
  );
}
