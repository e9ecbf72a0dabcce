import type { Env } from "../platform/paths.ts";
import { suggest } from "../suggest.ts";
import { configFields, configSpec, defaultConfig, parseField } from "./schema.ts";
import type { Config, ConfigField, FieldSpec } from "./schema.ts";

/** Where a value comes from; what stands later overrides what stands before. */
export type ConfigOrigin = "default" | "file" | "environment" | "flag";

/** Something about the configuration that its owner should know. It never quotes a key. */
export interface ConfigProblem {
  /** What is wrong with what, in a sentence. */
  message: string;
  /** What to do about it. */
  hint: string;
}

/** The configuration and how it came about. */
export interface ResolvedConfig {
  values: Config;
  origin: Record<ConfigField, ConfigOrigin>;
  warnings: ConfigProblem[];
  /**
   * Values that are not usable. The field has the next best one then, which can be less careful
   * than what was meant: send nothing while there are any.
   */
  errors: ConfigProblem[];
}

/** What a configuration is put together from. */
export interface ConfigSources {
  /** The file's path, for messages. */
  path: string;
  /** The file's content, `{}` where there is none. */
  file: Readonly<Record<string, unknown>>;
  env: Env;
  /** By field; undefined where the flag was not given. */
  flags?: Partial<Record<ConfigField, unknown>>;
}

/** A value that somebody gave, with the words for where. */
interface Candidate {
  value: unknown;
  origin: ConfigOrigin;
  /** As a message begins: `"url" in ~/config.json`. */
  label: string;
}

/** What the file may hold: our fields, and those of settings sync (lib/settings/config). */
const knownNames = [...configFields, "settings"];

/** Puts the configuration together: defaults < file < environment < flags, field by field. */
export function resolveConfig(sources: ConfigSources): ResolvedConfig {
  const values: Record<string, unknown> = { ...defaultConfig() };
  const origin = {} as Record<ConfigField, ConfigOrigin>;
  const errors: ConfigProblem[] = [];
  for (const field of configFields) {
    origin[field] = "default";
    for (const candidate of listCandidates(field, sources)) {
      const value = parseField(field, candidate.value);
      if (value === undefined) {
        errors.push(describeError(candidate, field));
      } else {
        values[field] = value;
        origin[field] = candidate.origin;
      }
    }
  }
  return {
    values: values as unknown as Config,
    origin,
    warnings: findMistypedNames(Object.keys(sources.file), knownNames, sources.path),
    errors,
  };
}

/** What was given for a field, the weakest first. */
function listCandidates(field: ConfigField, sources: ConfigSources): Candidate[] {
  const { path, file, env, flags = {} } = sources;
  const { variable } = configSpec[field];
  const given = env[variable]?.trim();
  const candidates: Candidate[] = [];
  if (Object.hasOwn(file, field)) {
    candidates.push({ value: file[field], origin: "file", label: `"${field}" in ${path}` });
  }
  if (given) {
    const value = parseSetting(field, given);
    candidates.push({ value, origin: "environment", label: `The variable ${variable}` });
  }
  if (flags[field] !== undefined) {
    candidates.push({ value: flags[field], origin: "flag", label: `--${toKebabCase(field)}` });
  }
  return candidates;
}

const words = new Map([
  ...["true", "1", "yes", "on"].map((word) => [word, true] as const),
  ...["false", "0", "no", "off"].map((word) => [word, false] as const),
]);

/**
 * A text from a variable or the command line as the kind of value that its field takes, which
 * `parseField` has still to check.
 */
export function parseSetting(field: ConfigField, given: string): unknown {
  return parseGiven(configSpec[field].kind, given);
}

/** A text as the kind of value that a field takes; a flag that is no such word stays as it is. */
export function parseGiven(kind: FieldSpec["kind"], given: string): unknown {
  if (kind === "flag") return words.get(given.toLowerCase()) ?? given;
  if (kind === "text") return given;
  const parts = given.split(",").map((part) => part.trim());
  return parts.filter((part) => part !== "");
}

/** What a flag may be where it is a text. */
export const flagWords = "true or false (or 1, 0, yes, no, on, off)";

function describeError({ value, origin, label }: Candidate, field: ConfigField): ConfigProblem {
  const { kind, mayBe } = configSpec[field];
  const isWord = origin === "environment" && kind === "flag";
  const options = isWord ? flagWords : mayBe;
  const what = field === "apiKey" ? kindOf(value) : describeValue(value);
  return {
    message: `${label} is ${what}, but must be ${options}.`,
    hint:
      origin === "file" ? "Correct the file, or remove the field." : "Correct it, or leave it out.",
  };
}

/** A value for a message. Longer text is not quoted: it can be a key in the wrong field. */
export function describeValue(value: unknown): string {
  const isShort = typeof value === "string" && value.length <= 12 && !value.startsWith("osk_");
  const isPlain = typeof value === "number" || typeof value === "boolean";
  return isShort || isPlain ? JSON.stringify(value) : kindOf(value);
}

/** What sort of value something is, for a message that must not quote it. */
export function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "string") return value.trim() === "" ? "empty" : "text";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/**
 * Names that we do not know but for one or two letters. Others may belong to another version.
 * `where` is what they stand in, for the message.
 */
export function findMistypedNames(
  names: readonly string[],
  known: readonly string[],
  where: string,
): ConfigProblem[] {
  const byLowerCase = new Map(known.map((name) => [name.toLowerCase(), name]));
  return names.flatMap((name) => {
    if (known.includes(name)) return [];
    const meant = byLowerCase.get(suggest(name.toLowerCase(), [...byLowerCase.keys()]) ?? "");
    if (meant === undefined) return [];
    return [{ message: `"${name}" in ${where} has no effect.`, hint: `Did you mean "${meant}"?` }];
  });
}

function toKebabCase(field: string): string {
  return field.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
