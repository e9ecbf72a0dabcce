import { parseGiven } from "../../config/resolve.ts";
import type { Env } from "../../platform/paths.ts";
import { asRecord } from "../../session/value.ts";
import { settingsSpec } from "./schema.ts";
import type { SettingsField } from "./schema.ts";

/** What the configuration of settings sync is put together from. */
export interface SettingsSources {
  /** Our configuration file, for messages. */
  path: string;
  /** What stands under `settings` there; undefined where nothing does. */
  file: unknown;
  /** The older plugin's file, for messages. */
  piSyncPath: string;
  /** What it holds; `{}` where there is none. */
  piSync: Readonly<Record<string, unknown>>;
  env: Env;
  hostname: string;
}

/** Where a value comes from. */
export interface SettingsOrigin {
  /** `pi-sync` is the file that the plugin of that name wrote. */
  source: "default" | "pi-sync" | "file" | "environment";
  /** The file's path, or the variable's name; empty for a default. */
  name: string;
}

/** A value that somebody gave. */
export interface Given {
  field: SettingsField;
  value: unknown;
  origin: SettingsOrigin;
  /** As a message calls it: `"bucket" in ~/config.json`, `PI_SYNC_BUCKET`. */
  label: string;
}

/** One place that values are given in. */
export interface Layer {
  /** What a field is given there; undefined where it is not. */
  read(field: SettingsField): Given | undefined;
  /** As a message calls the field there. */
  label(field: SettingsField): string;
}

/** The places, by their names. */
export type Layers = Record<"piSync" | "file" | "aliases" | "own", Layer>;

/** The places of a configuration: two files, the variables that others use too, and our own. */
export function listLayers({ path, file, piSyncPath, piSync, env }: SettingsSources): Layers {
  const fields = asRecord(file) ?? {};
  return {
    piSync: fileLayer({ source: "pi-sync", name: piSyncPath }, piSyncPath, (field) =>
      isOfPiSync(field) ? readPiSync(field, piSync[field]) : undefined,
    ),
    file: fileLayer({ source: "file", name: path }, `"settings" of ${path}`, (field) =>
      Object.hasOwn(fields, field) ? fields[field] : undefined,
    ),
    aliases: envLayer(env, 1),
    own: envLayer(env, 0),
  };
}

function fileLayer(
  origin: SettingsOrigin,
  where: string,
  read: (field: SettingsField) => unknown,
): Layer {
  const label = (field: SettingsField): string => `"${field}" in ${where}`;
  return {
    label,
    read: (field) => {
      const value = read(field);
      return value === undefined ? undefined : { field, value, origin, label: label(field) };
    },
  };
}

function envLayer(env: Env, index: number): Layer {
  const label = (field: SettingsField): string => settingsSpec[field].variables[index] ?? "";
  return {
    label,
    read: (field) => {
      const name = label(field);
      const text = env[name]?.trim();
      if (!text) return undefined;
      const value = parseGiven(settingsSpec[field].kind, text);
      return { field, value, origin: { source: "environment", name }, label: name };
    },
  };
}

/** The older plugin knows the fields that have a variable of the environment. */
function isOfPiSync(field: SettingsField): boolean {
  return settingsSpec[field].variables.length > 0;
}

/** Its template holds `<access-key-id>` and the like; a flag may be a text. */
function readPiSync(field: SettingsField, value: unknown): unknown {
  if (value === null) return undefined;
  if (typeof value !== "string") return value;
  const text = value.trim();
  if (text === "" || /<[^<>]*>/.test(text)) return undefined;
  return parseGiven(settingsSpec[field].kind, text);
}
