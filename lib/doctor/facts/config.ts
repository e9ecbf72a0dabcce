import { readConfigFile } from "../../config/file.ts";
import type { ConfigFile } from "../../config/file.ts";
import { requireTarget } from "../../config/load.ts";
import type { Target } from "../../config/load.ts";
import { resolveConfig } from "../../config/resolve.ts";
import type { ConfigOrigin } from "../../config/resolve.ts";
import { configFields, configSpec } from "../../config/schema.ts";
import type { Config, ConfigField } from "../../config/schema.ts";
import { describeKey } from "../../config/secret.ts";
import { resolveBaseUrl } from "../../opensync/base-url.ts";
import { toProblem } from "./problem.ts";
import type { Problem } from "./problem.ts";
import { isThere } from "./stat.ts";
import type { Env, Paths } from "../../platform/paths.ts";

/** The configuration: what it says, where each value comes from, and what is wrong with it. */
export interface ConfigFacts {
  path: string;
  hasFile: boolean;
  /** Why the file cannot be used as a whole. */
  unreadable?: Problem;
  /** Values that cannot be used. */
  errors: Problem[];
  warnings: Problem[];
  values: ConfigValue[];
  /** Server and key are both there. */
  isComplete: boolean;
  /** The server that sessions go to. */
  baseUrl?: string;
  /** Why there is no server to send to, though both are there: the address or the key is unusable. */
  targetProblem?: Problem;
}

/** One value, fit to be shown: the key is masked. */
export interface ConfigValue {
  field: ConfigField;
  shown: string;
  origin: ConfigOrigin;
  /** The variable of the environment that it comes from. */
  variable?: string;
}

/** The configuration as the other parts use it, with the key itself. */
export interface FoundConfig {
  facts: ConfigFacts;
  config: Config;
  /** Absent where nothing can be sent. */
  target?: Target;
}

/** Reads the configuration as sending would. A key that a command prints makes that command run. */
export async function lookAtConfig(env: Env, paths: Paths): Promise<FoundConfig> {
  const path = paths.configFile;
  const hasFile = await isThere(path);
  const { file, unreadable } = await readFile(path);
  const { values: config, origin, warnings, errors } = resolveConfig({ path, file, env });
  const facts: ConfigFacts = {
    path,
    hasFile,
    ...(unreadable && { unreadable }),
    errors,
    warnings,
    values: configFields
      .filter((field) => config[field] !== undefined)
      .map((field) => describeValue(field, config, origin[field])),
    isComplete: config.url !== undefined && config.apiKey !== undefined,
  };
  const isUsable = unreadable === undefined && errors.length === 0;
  if (!isUsable || !facts.isComplete) return { facts, config };
  try {
    const target = await requireTarget(config, env);
    return { facts: { ...facts, baseUrl: target.baseUrl }, config, target };
  } catch (error) {
    return { facts: { ...facts, targetProblem: toProblem(error) }, config };
  }
}

async function readFile(path: string): Promise<{ file: ConfigFile; unreadable?: Problem }> {
  try {
    return { file: await readConfigFile(path) };
  } catch (error) {
    return { file: {}, unreadable: toProblem(error) };
  }
}

function describeValue(field: ConfigField, config: Config, origin: ConfigOrigin): ConfigValue {
  const shown = showValue(field, config);
  const { variable } = configSpec[field];
  return origin === "environment" ? { field, shown, origin, variable } : { field, shown, origin };
}

function showValue(field: ConfigField, config: Config): string {
  if (field === "apiKey") return describeKey(config.apiKey ?? "");
  if (field === "url") return showUrl(config.url ?? "");
  // Folders tell what a person works on.
  if (field === "exclude") return `${config.exclude.length} globs`;
  return String(config[field]);
}

/** What cannot be an address may be a key in the wrong field. */
function showUrl(url: string): string {
  try {
    return resolveBaseUrl(url);
  } catch {
    return "not a web address";
  }
}
