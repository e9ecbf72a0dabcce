import { resolveConfig } from "./resolve.ts";
import type { ConfigSources } from "./resolve.ts";
import { configFields, configSpec, defaultConfig } from "./schema.ts";
import type { Config, ConfigField, FieldSpec } from "./schema.ts";
import { describeKey } from "./secret.ts";
import { AppError } from "../errors.ts";
import { resolveBaseUrl } from "../opensync/base-url.ts";
import { oneLine } from "../transcript/text.ts";

/** A field of the form as it stands. */
export interface DraftField {
  field: ConfigField;
  kind: FieldSpec["kind"];
  label: string;
  /** What the field does, in a sentence. */
  description: string;
  /** The value for people; never a whole key. */
  shown: string;
  /** The value as it is typed; empty for a key, which is only ever replaced. */
  text: string;
  /** What is typed must not be seen. */
  isSecret: boolean;
  /** The variable of the environment that sets it: it can't be changed here then. */
  lockedBy?: string;
  /** Why the value can't be used, and what to do about it. */
  problem?: string;
}

/** What the form is about: our file as it is, and the environment that overrides it. */
export type DraftSources = Pick<ConfigSources, "path" | "file" | "env">;

const labels: Readonly<Record<ConfigField, string>> = {
  url: "URL",
  apiKey: "API key",
  autoSync: "Automatic sync",
  syncToolCalls: "Tool calls",
  syncThinking: "Thinking",
  redact: "Redaction",
  metadataOnly: "Metadata only",
  exclude: "Excluded projects",
  debug: "Debug log",
};

/** More of a value helps nobody to recognise it. */
const shownCharsMax = 200;

/** The settings while a person changes them. Nothing is read or written here. */
export class ConfigDraft {
  /** The file that it is about. */
  readonly path: string;
  readonly #sources: DraftSources;
  readonly #edits = new Map<ConfigField, unknown>();

  constructor(sources: DraftSources) {
    this.path = sources.path;
    this.#sources = sources;
  }

  /** All fields, in the order of the form. */
  fields(): DraftField[] {
    return configFields.map((field) => this.field(field));
  }

  /** One field. */
  field(field: ConfigField): DraftField {
    const { kind, description, variable } = configSpec[field];
    const isLocked = Boolean(this.#sources.env[variable]?.trim());
    const problem = this.#findProblem(field);
    const value = this.config()[field];
    const shown = problem === undefined ? show(field, value) : "not usable";
    return {
      field,
      kind,
      label: labels[field],
      description: kind === "list" ? `${description} With commas between them.` : description,
      shown: isLocked ? `${shown} (${variable})` : shown,
      text: field === "apiKey" ? "" : asText(value),
      isSecret: field === "apiKey",
      ...(isLocked && { lockedBy: variable }),
      ...(problem !== undefined && { problem }),
    };
  }

  /**
   * Takes what a person typed or chose: `true` or `false` for a flag, paths with commas between
   * them for a list. An empty text removes the field, but a key that can be used is kept then.
   */
  set(field: ConfigField, typed: string): void {
    const { kind, text, lockedBy, problem } = this.field(field);
    const isSame = kind !== "flag" && typed.trim() === text && problem === undefined;
    if (lockedBy !== undefined || isSame) return;
    this.#edits.set(field, parseTyped(field, typed.trim()));
  }

  /** What is to be written: the fields that change the file; one that is to be removed is undefined. */
  changes(): Record<string, unknown> {
    const { file } = this.#sources;
    const defaults: Record<string, unknown> = { ...defaultConfig() };
    const changes: Record<string, unknown> = {};
    for (const [field, value] of this.#edits) {
      if (isSameValue(value, file[field])) continue;
      const isDefault = isSameValue(value, defaults[field]);
      if (isDefault && !Object.hasOwn(file, field)) continue;
      changes[field] = isDefault ? undefined : value;
    }
    return changes;
  }

  /** The configuration that the draft makes, with the environment; what can't be used is left out. */
  config(): Config {
    const { path, env } = this.#sources;
    return resolveConfig({ path, file: this.#file(), env }).values;
  }

  /** The file as it would be. */
  #file(): Record<string, unknown> {
    const file = Object.entries({ ...this.#sources.file, ...Object.fromEntries(this.#edits) });
    return Object.fromEntries(file.filter(([, value]) => value !== undefined));
  }

  #findProblem(field: ConfigField): string | undefined {
    const { path, env } = this.#sources;
    const { variable } = configSpec[field];
    const file = this.#file();
    const [error] = resolveConfig({
      path,
      file: Object.hasOwn(file, field) ? { [field]: file[field] } : {},
      env: { [variable]: env[variable] },
    }).errors;
    if (error) return `${error.message} ${error.hint}`;
    const { url } = this.config();
    return field === "url" && url !== undefined ? findUrlProblem(url) : undefined;
  }
}

function parseTyped(field: ConfigField, text: string): unknown {
  const { kind } = configSpec[field];
  if (kind === "flag") return text === "true";
  if (kind === "list") return splitList(text);
  if (text === "") return undefined;
  return field === "url" && findUrlProblem(text) === undefined ? resolveBaseUrl(text) : text;
}

function splitList(text: string): string[] {
  const items = text.split(",").map((item) => item.trim());
  return items.filter((item) => item !== "");
}

function findUrlProblem(url: string): string | undefined {
  try {
    resolveBaseUrl(url);
    return undefined;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [error.message, error.hint ?? ""].join(" ").trim();
  }
}

function show(field: ConfigField, value: Config[ConfigField]): string {
  // A line break would tear the form apart.
  const text = oneLine(asText(value), shownCharsMax);
  if (text === "") return configSpec[field].kind === "list" ? "none" : "not set";
  return field === "apiKey" ? describeKey(text) : text;
}

function asText(value: Config[ConfigField]): string {
  return Array.isArray(value) ? value.join(", ") : String(value ?? "");
}

function isSameValue(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
