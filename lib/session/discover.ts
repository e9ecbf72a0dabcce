import { readFileSync, readdirSync, realpathSync, statSync } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";

import { messageOf } from "../errors.ts";
import { isNotFound } from "../platform/files.ts";
import { expandTilde, piAgentDir } from "../platform/paths.ts";
import type { Env } from "../platform/paths.ts";
import type { Problem } from "./problem.ts";
import { asRecord, asString } from "./value.ts";

/** Where to look for session files. */
export interface DiscoverOptions {
  env: Env;
  /** Look here alone, instead of where pi is set to write. */
  sessionsDir?: string | undefined;
  /** What relative paths start from, and where a project's `.pi/settings.json` stands. */
  cwd: string;
}

/** A file that pi or a tool of it may have written as a session. */
export interface SessionFile {
  /** The real path: links are followed, so a file has one path only. */
  path: string;
  size: number;
  mtimeMs: number;
  /** Below a project's folder, where tools keep the sessions of sub-agents. */
  nested: boolean;
  /** The sessions directory that it was found in. */
  root: string;
}

/** What was found, and what could not be looked into. */
export interface Discovery {
  /** In the order of their paths. */
  files: SessionFile[];
  problems: Problem[];
}

/**
 * Finds the session files of all the directories that pi writes to or may have written to before:
 * the one of `PI_CODING_AGENT_SESSION_DIR`, those of `sessionDir` in the agent's and the project's
 * settings, and pi's own default. It is synchronous, which is several times faster here.
 */
export function findSessionFiles(options: DiscoverOptions): Discovery {
  const search: Search = { files: new Map(), folders: new Set(), links: [], problems: [] };
  search.links.push(...sessionRoots(options, search.problems));
  // What stands behind links is visited last, so that a file is found where it really stands first.
  for (const link of search.links) visitLink(search, link);
  const files = [...search.files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  return { files, problems: search.problems };
}

/**
 * One session file, described as `findSessionFiles` would; undefined where there is no such file.
 * One that stands in no sessions directory belongs to its own folder.
 */
export async function describeSessionFile(
  path: string,
  options: DiscoverOptions,
): Promise<SessionFile | undefined> {
  try {
    const real = await realpath(path);
    const stats = await stat(real);
    if (!stats.isFile()) return undefined;
    const { root, depth } = locate(real, options);
    return { path: real, size: stats.size, mtimeMs: stats.mtimeMs, nested: isNested(depth), root };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** The sessions directory that a file stands in, and how many folders below. */
function locate(path: string, options: DiscoverOptions): { root: string; depth: number } {
  for (const { path: dir } of sessionRoots(options, [])) {
    const root = attempt(dir, [], () => realpathSync(dir));
    if (root !== undefined && path.startsWith(root + sep)) {
      return { root, depth: path.slice(root.length).split(sep).length - 1 };
    }
  }
  return { root: dirname(path), depth: 1 };
}

/** pi keeps sessions in a folder for each project, and tools put theirs below those. */
function isNested(depth: number): boolean {
  return depth > 2;
}

/** What was found and seen so far, by real path. */
interface Search {
  files: Map<string, SessionFile>;
  folders: Set<string>;
  links: Place[];
  problems: Problem[];
}

/** A file or folder, and how many folders it is away from the sessions directory. */
interface Place {
  path: string;
  root: string;
  depth: number;
}

function sessionRoots(options: DiscoverOptions, problems: Problem[]): Place[] {
  const { env, sessionsDir, cwd } = options;
  const agentDir = piAgentDir(env);
  const dirs = sessionsDir
    ? [sessionsDir]
    : [
        env["PI_CODING_AGENT_SESSION_DIR"],
        settingsSessionDir(resolve(cwd, ".pi", "settings.json"), problems),
        settingsSessionDir(resolve(cwd, agentDir, "settings.json"), problems),
        join(agentDir, "sessions"),
      ];
  return dirs.flatMap((dir) => {
    if (!dir) return [];
    const path = resolve(cwd, expandTilde(dir, env));
    return [{ path, root: path, depth: 0 }];
  });
}

function settingsSessionDir(path: string, problems: Problem[]): string | undefined {
  const settings = attempt(path, problems, () => asRecord(JSON.parse(readFileSync(path, "utf8"))));
  return asString(settings?.["sessionDir"]);
}

function visitLink(search: Search, link: Place): void {
  const path = attempt(link.path, search.problems, () => realpathSync(link.path));
  const stats = path && attempt(path, search.problems, () => statSync(path));
  if (!path || !stats) return;
  if (stats.isDirectory()) visitFolder(search, { ...link, path });
  else if (isSessionName(link.path)) addFile(search, { ...link, path });
}

function visitFolder(search: Search, folder: Place): void {
  if (search.folders.has(folder.path)) return;
  search.folders.add(folder.path);
  const { root, depth } = folder;
  const readFolder = () => readdirSync(folder.path, { withFileTypes: true });
  const children = attempt(folder.path, search.problems, readFolder) ?? [];
  // Nearly in order already, all files together are sorted several times faster.
  children.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const child of children) {
    const place = { path: folder.path + sep + child.name, root, depth: depth + 1 };
    if (child.isSymbolicLink()) search.links.push(place);
    else if (child.isDirectory()) visitFolder(search, place);
    else if (isSessionName(child.name)) addFile(search, place);
  }
}

function isSessionName(name: string): boolean {
  return name.endsWith(".jsonl");
}

function addFile(search: Search, { path, root, depth }: Place): void {
  if (search.files.has(path)) return;
  const stats = attempt(path, search.problems, () => statSync(path));
  if (!stats?.isFile()) return;
  const { size, mtimeMs } = stats;
  search.files.set(path, { path, size, mtimeMs, nested: isNested(depth), root });
}

/** What `action` returns; undefined where the path does not exist, or is reported as a problem. */
function attempt<T>(path: string, problems: Problem[], action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (!isNotFound(error)) problems.push({ path, reason: messageOf(error) });
    return undefined;
  }
}
