/** The configuration with every default in its place. */
export interface Config {
  url?: string;
  apiKey?: string;
  autoSync: boolean;
  syncToolCalls: boolean;
  syncThinking: boolean;
  redact: boolean;
  metadataOnly: boolean;
  exclude: string[];
  debug: boolean;
}

export type ConfigField = keyof Config;

/** What a field of the configuration holds, and how people meet it. */
export interface FieldSpec {
  kind: "text" | "flag" | "list";
  /** The variable of the environment that overrides it. */
  variable: string;
  /** What it may be, in the words of an error message: `"url" … must be a web address`. */
  mayBe: string;
  /** What it does, in a sentence. */
  description: string;
  /** A flag that is not given. Other kinds are absent or empty then. */
  byDefault?: boolean;
}

const flag = (byDefault: boolean, variable: string, description: string): FieldSpec => ({
  kind: "flag",
  variable,
  mayBe: "true or false",
  description,
  byDefault,
});

/**
 * Our configuration. Fields of the file that are not listed here are left alone. It is a table and
 * no library's schema, so that the extension runs from a clone in which nothing is installed.
 */
export const configSpec: Readonly<Record<ConfigField, FieldSpec>> = {
  url: {
    kind: "text",
    variable: "PI_OPENSYNC_CONVEX_URL",
    mayBe: 'a web address, such as "https://api.opensync.dev"',
    description: "Address of the OpenSync server.",
  },
  apiKey: {
    kind: "text",
    variable: "PI_OPENSYNC_API_KEY",
    mayBe: 'an API key, "$NAME" of a variable that holds it, or "!command" that prints it',
    description: "API key: itself, $NAME of a variable that holds it, or !command that prints it.",
  },
  autoSync: flag(true, "PI_OPENSYNC_AUTO_SYNC", "Send sessions while pi runs."),
  syncToolCalls: flag(true, "PI_OPENSYNC_TOOL_CALLS", "Send tool calls and their results."),
  syncThinking: flag(false, "PI_OPENSYNC_THINKING", "Send the model's thinking."),
  redact: flag(true, "PI_OPENSYNC_REDACT", "Replace secrets before anything is sent."),
  metadataOnly: flag(
    false,
    "PI_OPENSYNC_METADATA_ONLY",
    "Send what a session used (model, tokens, cost) and none of its messages.",
  ),
  exclude: {
    kind: "list",
    variable: "PI_OPENSYNC_EXCLUDE",
    mayBe: 'a list of paths, such as ["~/private/**"]',
    description: "Projects whose sessions are never sent, as globs over their folders.",
  },
  debug: flag(false, "PI_OPENSYNC_DEBUG", "Write a detailed log."),
};

/** The fields, in the order of the table. */
export const configFields = Object.keys(configSpec) as ConfigField[];

/** The configuration in which nothing is set. */
export function defaultConfig(): Config {
  const flags = configFields.filter((field) => configSpec[field].kind === "flag");
  const values = flags.map((field) => [field, configSpec[field].byDefault]);
  return { ...Object.fromEntries(values), exclude: [] };
}

/** A value as its field takes it; undefined where it is not what the field may be. */
export function parseField(field: ConfigField, value: unknown): unknown {
  switch (configSpec[field].kind) {
    case "flag":
      return typeof value === "boolean" ? value : undefined;
    case "list":
      return parseList(value);
    default:
      return parseText(value);
  }
}

/** A text without blanks at its ends; undefined for anything else, or where nothing is left. */
export function parseText(value: unknown): string | undefined {
  return (typeof value === "string" && value.trim()) || undefined;
}

/** A list of texts, as `parseText` gives them. */
export function parseList(value: unknown): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items = value.map(parseText).filter((item) => item !== undefined);
  return items.length === value.length ? items : undefined;
}
