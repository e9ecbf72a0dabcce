import { readFile } from "node:fs/promises";

import { expandTilde } from "../platform/paths.ts";
import type { Env } from "../platform/paths.ts";
import { asRecord, asString } from "../session/value.ts";

/** Server and key of another OpenSync plugin, and what it sends where it has such settings. */
export interface SiblingConfig {
  /** The plugin's name, such as `claude-code-sync`. */
  plugin: string;
  /** The file that it stands in. */
  path: string;
  url: string;
  apiKey: string;
  /** Settings that mean the same to us; only the older plugin for pi has any. */
  settings: Partial<Record<(typeof takenSettings)[number], boolean>>;
}

/** Where the plugins keep their settings. They all start from the home folder, whatever XDG says. */
const plugins: readonly (readonly [plugin: string, path: string])[] = [
  ["pi-opensync-plugin", "~/.config/pi-opensync-plugin/config.json"],
  ["opencode-sync-plugin", "~/.opensync/credentials.json"],
  ["claude-code-sync", "~/.config/claude-code-sync/config.json"],
  ["codex-sync", "~/.config/codex-sync/config.json"],
  ["droid-sync", "~/.config/droid-sync/config.json"],
];

const takenSettings = ["autoSync", "syncToolCalls", "syncThinking"] as const;

/** Finds other OpenSync plugins on this machine that have both a server and a key. */
export async function findSiblingConfigs(env: Env): Promise<SiblingConfig[]> {
  const found = await Promise.all(
    plugins.map(([plugin, path]) => readSibling(plugin, expandTilde(path, env))),
  );
  return found.filter((config) => config !== undefined);
}

async function readSibling(plugin: string, path: string): Promise<SiblingConfig | undefined> {
  const content = await readObject(path);
  const url = asString(content?.["convexUrl"])?.trim() ?? "";
  const apiKey = asString(content?.["apiKey"])?.trim() ?? "";
  // A form that nobody has filled in yet holds `osk_` alone.
  if (url === "" || !/^osk_./.test(apiKey)) return undefined;
  const settings = plugin === "pi-opensync-plugin" ? readSettings(content) : {};
  return { plugin, path, url, apiKey, settings };
}

function readSettings(content: Record<string, unknown> | undefined): SiblingConfig["settings"] {
  const values = takenSettings.map((field) => [field, content?.[field]] as const);
  return Object.fromEntries(values.filter(([, value]) => typeof value === "boolean"));
}

async function readObject(path: string): Promise<Record<string, unknown> | undefined> {
  try {
    return asRecord(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return undefined;
  }
}
