import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";

import { AppError } from "../errors.ts";
import type { Clock } from "../platform/clock.ts";
import { expandTilde, piAgentDir } from "../platform/paths.ts";
import type { Env } from "../platform/paths.ts";
import { asArray, asRecord, asString } from "../session/value.ts";
import { isRemote, readManifest, readPackageName } from "./package-source.ts";
import { changePiSettings, readPiSettings } from "./settings.ts";
import type { PiSettings } from "./settings-text.ts";
import type { SettingsChange } from "./settings.ts";

/** Our package, and the older plugin that does the same: with both, sessions are sent twice. */
export const ourPackage = "pi-opensync";
export const olderPackage = "pi-opensync-plugin";

/** What is registered unless another source is asked for. */
export const defaultSource = `npm:${ourPackage}`;

/** Ours or the older plugin, as pi loads it for every project. */
export interface Registration {
  name: typeof ourPackage | typeof olderPackage;
  /** As it stands in pi's settings, or the folder's path. */
  source: string;
  /** A list of pi's settings.json, or a folder in `extensions` of the agent directory. */
  place: "packages" | "extensions" | "folder";
  /** False where pi is told not to load the extension of it. */
  isEnabled: boolean;
}

/** What registering came to. */
export interface Registered extends SettingsChange {
  /** What pi loads now. */
  source: string;
  /** Other entries of our package that this one took the place of. */
  replaced: string[];
}

/** What it takes to change pi's settings. */
export interface PiAccess {
  env: Env;
  clock: Clock;
}

const backupSuffix = ".before-pi-opensync";

/**
 * Finds our package and the older plugin among what pi loads for every project.
 *
 * @throws AppError "config" where pi's settings are no JSON object
 */
export async function findRegistrations(env: Env): Promise<Registration[]> {
  const agentDir = piAgentDir(env);
  const settings = await readPiSettings(agentDir);
  return [...(await findInSettings(settings, env)), ...(await findFolders(agentDir))];
}

/**
 * Makes pi load our package. Where one of ours is registered it stays, unless `source` asks for
 * another, which takes its place then. A copy of the settings as they were is kept beside them.
 *
 * @throws AppError as `changePiSettings`
 */
export async function registerPackage(
  source: string | undefined,
  { env, clock }: PiAccess,
): Promise<Registered> {
  const agentDir = piAgentDir(env);
  const folder = (await findFolders(agentDir)).find(isOurs);
  let loaded = folder?.source ?? source ?? defaultSource;
  let replaced: string[] = [];
  const changed = await changePiSettings(
    agentDir,
    clock,
    async (settings) => {
      const present = (await findInSettings(settings, env)).filter(isOurs);
      const same = present.find((entry) => source === undefined || entry.source === source);
      if (same || folder) {
        loaded = same?.source ?? loaded;
        return undefined;
      }
      replaced = present.map((entry) => entry.source);
      return addSource(removeSources(settings, replaced.slice(1)), loaded, replaced[0]);
    },
    { backupSuffix },
  );
  return { ...changed, source: loaded, replaced };
}

/**
 * Takes a package out of pi's settings. What stands as a folder in `extensions` is not removed. Gives
 * the sources that were.
 *
 * @throws AppError as `changePiSettings`
 */
export async function unregisterPackage(
  name: Registration["name"],
  { env, clock }: PiAccess,
): Promise<string[]> {
  const listed = await findInSettings(await readPiSettings(piAgentDir(env)), env);
  if (!listed.some((entry) => entry.name === name)) return [];
  let removed: string[] = [];
  await changePiSettings(piAgentDir(env), clock, async (settings) => {
    const present = await findInSettings(settings, env);
    removed = present.filter((entry) => entry.name === name).map((entry) => entry.source);
    return removed.length > 0 ? removeSources(settings, removed) : undefined;
  });
  return removed;
}

/** The copy of pi's settings from before they were changed. */
export function settingsBackupPath(env: Env): string {
  return join(piAgentDir(env), `settings.json${backupSuffix}`);
}

/**
 * A source as it is registered: a path as an absolute one.
 *
 * @throws AppError "usage" where there is no pi-opensync
 */
export async function resolveSource(source: string, cwd: string, env: Env): Promise<string> {
  if ((await readPackageName(source, cwd, env)) !== ourPackage) {
    throw new AppError("usage", `There is no pi-opensync at '${source}'.`, {
      hint: `Give ${defaultSource}, the address of its repository as git:…, or the folder of a clone.`,
    });
  }
  return isRemote(source) ? source : resolve(cwd, expandTilde(source, env));
}

function isOurs({ name }: Registration): boolean {
  return name === ourPackage;
}

async function findInSettings(settings: PiSettings, env: Env): Promise<Registration[]> {
  const found: Registration[] = [];
  for (const place of ["packages", "extensions"] as const) {
    for (const entry of asArray(settings[place])) {
      const source = sourceOf(entry);
      // In the list of extensions these switch something off that is found elsewhere.
      if (source === undefined || /^[-!]/.test(source)) continue;
      const name = await readPackageName(source.replace(/^\+/, ""), piAgentDir(env), env);
      if (isKnown(name)) found.push({ name, source, place, isEnabled: isEnabled(entry) });
    }
  }
  return found;
}

async function findFolders(agentDir: string): Promise<Registration[]> {
  const dir = join(agentDir, "extensions");
  const names = await readdir(dir).catch(() => []);
  const found: Registration[] = [];
  for (const path of names.map((name) => join(dir, name))) {
    const name = (await readManifest(path))?.["name"];
    if (isKnown(name)) found.push({ name, source: path, place: "folder", isEnabled: true });
  }
  return found;
}

function isKnown(name: unknown): name is Registration["name"] {
  return name === ourPackage || name === olderPackage;
}

/** Entries are sources, or objects that also narrow what is loaded of them. */
function sourceOf(entry: unknown): string | undefined {
  return asString(entry) ?? asString(asRecord(entry)?.["source"]);
}

function isEnabled(entry: unknown): boolean {
  const { extensions, autoload } = asRecord(entry) ?? {};
  if (autoload === false) return false;
  if (!Array.isArray(extensions)) return true;
  return extensions.length > 0 && !extensions.some((path) => /^[-!]/.test(String(path)));
}

/** Adds a source at the end of pi's packages, or where another stood, with what is said of that one. */
function addSource(settings: PiSettings, source: string, instead: string | undefined): PiSettings {
  const packages = asArray(settings["packages"]);
  if (!packages.some((entry) => instead !== undefined && sourceOf(entry) === instead)) {
    const rest = instead === undefined ? settings : removeSources(settings, [instead]);
    return { ...rest, packages: [...packages, source] };
  }
  const replace = (entry: unknown): unknown => {
    if (sourceOf(entry) !== instead) return entry;
    return typeof entry === "string" ? source : { ...asRecord(entry), source };
  };
  return { ...settings, packages: packages.map(replace) };
}

function removeSources(settings: PiSettings, sources: readonly string[]): PiSettings {
  const changed: Record<string, unknown> = { ...settings };
  for (const place of ["packages", "extensions"]) {
    const entries = settings[place];
    if (!Array.isArray(entries)) continue;
    changed[place] = entries.filter((entry) => !sources.includes(sourceOf(entry) ?? ""));
  }
  return changed;
}
