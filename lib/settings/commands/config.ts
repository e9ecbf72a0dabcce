import { describeKey } from "../../config/secret.ts";
import { AppError } from "../../errors.ts";
import { suggest } from "../../suggest.ts";
import { loadSettingsConfig, updateSettings } from "../config/load.ts";
import type { LoadedSettings } from "../config/load.ts";
import { settingsFields, settingsSpec } from "../config/schema.ts";
import type { SettingsConfig, SettingsField } from "../config/schema.ts";
import type { SettingsTools } from "../context.ts";
import type { CommandOptions, Dialogue, Report } from "./dialogue.ts";

/**
 * `config [FIELD [VALUE]]`: shows the configuration; with a field, changes it. An empty value takes it
 * away. In pi, and without words, fields can be chosen and changed one after the other.
 */
export async function configure(
  tools: SettingsTools,
  dialogue: Dialogue,
  { words: [name, value] }: CommandOptions,
): Promise<Report> {
  if (name === undefined) return show(await load(tools), tools);
  const field = parseFieldName(name);
  const text = value ?? (await askValue(field, await load(tools), dialogue));
  if (text === undefined) return show(await load(tools), tools);
  await store(tools, field, text, value !== undefined);
  return show(await load(tools), tools, field);
}

function load({ env, paths, hostname }: SettingsTools): Promise<LoadedSettings> {
  return loadSettingsConfig(env, paths, hostname);
}

async function askValue(
  field: SettingsField,
  { config }: LoadedSettings,
  dialogue: Dialogue,
): Promise<string | undefined> {
  const { description, isSecret, kind } = settingsSpec[field];
  if (isSecret && dialogue.readSecret) return dialogue.readSecret();
  if (!dialogue.isInteractive) {
    throw new AppError("usage", `'config ${field}' needs a value.`, {
      hint: `It must be ${settingsSpec[field].mayBe}.`,
    });
  }
  if (kind === "flag") {
    return dialogue.choose(description, [
      { value: "true", label: "true" },
      { value: "false", label: "false" },
    ]);
  }
  return dialogue.ask(`${description} An empty answer takes it away.`, {
    initial: isSecret ? undefined : [config[field] ?? ""].flat().join(","),
    isSecret,
    check: (text) =>
      text.trim() === "" || parse(field, text) !== undefined
        ? undefined
        : `It must be ${settingsSpec[field].mayBe}.`,
  });
}

/** A text as the field takes it; lists have commas between their items. */
function parse(field: SettingsField, text: string): unknown {
  const { kind, parse } = settingsSpec[field];
  if (kind === "flag") return parse({ true: true, false: false }[text.trim()]);
  if (kind === "list")
    return parse(
      text
        .split(",")
        .map((item) => item.trim())
        .filter(Boolean),
    );
  return parse(text);
}

async function store(
  { paths }: SettingsTools,
  field: SettingsField,
  text: string,
  isTyped: boolean,
): Promise<void> {
  const { isSecret, mayBe } = settingsSpec[field];
  if (isTyped && isSecret && !/^(?:[$!].|$)/.test(text)) {
    throw new AppError("usage", "a key has no place on the command line", {
      hint: `Leave it out to be asked, or name a variable: config ${field} '$NAME'.`,
    });
  }
  const value = text.trim() === "" ? undefined : parse(field, text);
  if (value === undefined && text.trim() !== "") {
    throw new AppError("usage", `${field} must be ${mayBe}.`);
  }
  await updateSettings(paths.configFile, { [field]: value });
}

function show(
  { config, origin, warnings }: LoadedSettings,
  { paths }: SettingsTools,
  only?: SettingsField,
): Report {
  const fields = only === undefined ? settingsFields : [only];
  const width = Math.max(...fields.map((field) => field.length));
  const values = fields.map((field) => [field, shown(field, config[field])] as const);
  return {
    lines: [
      ...values.map(([field, value]) => {
        const { source, name } = origin[field];
        const from = source === "default" || value === null ? "" : `  (${name})`;
        return `${field.padEnd(width)}  ${describe(value)}${from}`;
      }),
      ...warnings.map(({ message, hint }) => `${message} ${hint}`),
      ...(only === undefined
        ? [`Change them with 'config FIELD VALUE', or in ${paths.configFile}.`]
        : []),
    ],
    outcome: "well",
    document: {
      values: Object.fromEntries(values),
      origin: Object.fromEntries(fields.map((field) => [field, origin[field]])),
      problems: warnings,
    },
  };
}

type Value = SettingsConfig[SettingsField];

/** A value as it may be shown; null where there is none. */
function shown(field: SettingsField, value: Value): Exclude<Value, undefined> | null {
  if (value === undefined) return null;
  return settingsSpec[field].isSecret && typeof value === "string" ? describeKey(value) : value;
}

function describe(value: Exclude<Value, undefined> | null): string {
  return (Array.isArray(value) ? value.join(", ") : (value?.toString() ?? "")) || "-";
}

function parseFieldName(word: string): SettingsField {
  const field = settingsFields.find((known) => known === word);
  if (field !== undefined) return field;
  const near = suggest(word, settingsFields);
  const hint = near ? `Did you mean '${near}'?` : `There are ${settingsFields.join(", ")}.`;
  throw new AppError("usage", `there is no field '${word.slice(0, 40)}'`, { hint });
}
