import type { ParsedArgs } from "citty";

import { readConfigFile, updateConfigFile } from "../../lib/config/file.ts";
import { parseSetting, resolveConfig } from "../../lib/config/resolve.ts";
import type { ResolvedConfig } from "../../lib/config/resolve.ts";
import { configFields, configSpec, parseField } from "../../lib/config/schema.ts";
import type { ConfigField } from "../../lib/config/schema.ts";
import { AppError } from "../../lib/errors.ts";
import { resolveBaseUrl } from "../../lib/opensync/base-url.ts";
import { resolvePaths } from "../../lib/platform/paths.ts";
import { suggest } from "../../lib/suggest.ts";
import { editConfig } from "../config/edit.ts";
import { describeValue, renderConfig, showValue } from "../config/show.ts";
import { isSilent } from "../context.ts";
import { defineCommand } from "../command.ts";
import { exitCodes } from "../exit-code.ts";
import { commonFlags } from "../ui/flags.ts";
import { createMessages } from "../ui/messages.ts";
import type { Messages } from "../ui/messages.ts";
import { outputWidth } from "../ui/width.ts";
import { askKey, readKeyFromStdin } from "../ui/read-key.ts";

const actions = ["list", "get", "set", "unset", "path", "edit"] as const;
type Action = (typeof actions)[number];

const flags = {
  action: {
    type: "positional",
    required: false,
    description: `What to do: ${actions.join(", ")} (list)`,
  },
  field: { type: "positional", required: false, description: "A field; list shows all of them" },
  value: {
    type: "positional",
    required: false,
    description: "For set. Lists have commas between their items; the key is read from stdin",
  },
  "show-origin": { type: "boolean", description: "With list: say where each value comes from" },
  ...commonFlags,
} as const;

type Args = ParsedArgs<typeof flags>;

/** `pi-opensync config`: looks at the configuration, and changes it. */
export const configCommand = defineCommand({
  flags,
  words: [actions, configFields],
  examples: [
    ["pi-opensync config list --show-origin", "all values, and where each comes from"],
    ["pi-opensync config set syncThinking true", "send the model's thinking"],
    ["pi-opensync config set exclude '~/private/**,~/clients/**'", "never send these projects"],
    ["pass show opensync | pi-opensync config set apiKey", "the key, from a pipe"],
    ["pi-opensync config unset syncThinking", "back to the default"],
    ["pi-opensync config edit", "the file, in your editor"],
  ],
  run,
});

async function run(args: Args): Promise<number> {
  const action = parseAction(args.action);
  if (args["show-origin"] && action !== "list") {
    throw new AppError("usage", "--show-origin goes with list");
  }
  checkWordCount(action, args);
  const path = resolvePaths(process.env).configFile;
  switch (action) {
    case "list":
      return list(args, await resolve(path));
    case "get":
      return get(args, await resolve(path));
    case "set":
      return set(args, path);
    case "unset":
      return unset(args, path);
    case "path":
      return print(args, { path }, `${path}\n`);
    default:
      return edit(args, path);
  }
}

/** The configuration as it holds, with what can't be used in it. */
async function resolve(path: string): Promise<ResolvedConfig> {
  return resolveConfig({ path, file: await readConfigFile(path), env: process.env });
}

function list(args: Args, { errors, origin, values, warnings }: ResolvedConfig): number {
  const shown = configFields.map((field) => [field, showValue(field, values[field])] as const);
  const document = {
    values: Object.fromEntries(shown),
    ...(args["show-origin"] && { origin }),
    problems: [...errors, ...warnings],
  };
  print(
    args,
    document,
    renderConfig(values, args["show-origin"] ? origin : undefined, outputWidth()),
  );
  const messages = messagesFor(args);
  for (const { message, hint } of warnings) messages.warn(`${message} ${hint}`);
  for (const { message, hint } of errors) messages.fail(message, hint);
  return errors.length > 0 ? exitCodes.usage : exitCodes.well;
}

function get(args: Args, { errors, values }: ResolvedConfig): number {
  const field = parseFieldName(args.field);
  const [error] = errors;
  if (error) throw new AppError("config", error.message, { hint: error.hint });
  const value = showValue(field, values[field]);
  if (value === null) throw new AppError("not-configured", `${field} is not set.`);
  return print(args, { field, value }, `${[value].flat().join(",")}\n`);
}

async function set(args: Args, path: string): Promise<number> {
  const field = parseFieldName(args.field);
  const text = field === "apiKey" ? await takeKey(args) : args.value;
  if (text === undefined) {
    throw new AppError("usage", "'config set' needs a value", {
      hint: `${field} must be ${configSpec[field].mayBe}.`,
    });
  }
  const value = parseField(field, parseSetting(field, text.trim()));
  if (value === undefined) {
    throw new AppError("usage", `${field} must be ${configSpec[field].mayBe}`);
  }
  await updateConfigFile(path, { [field]: field === "url" ? resolveBaseUrl(text) : value });
  return tellChange(args, path, field);
}

async function unset(args: Args, path: string): Promise<number> {
  const field = parseFieldName(args.field);
  await updateConfigFile(path, { [field]: undefined });
  return tellChange(args, path, field);
}

async function edit(args: Args, path: string): Promise<number> {
  const isChanged = await editConfig(path, { env: process.env, flags: args });
  const { warnings } = await resolve(path);
  const messages = messagesFor(args);
  for (const { message, hint } of warnings) messages.warn(`${message} ${hint}`);
  const outcome = isChanged ? `Changed ${path}\n` : `${path} is as it was.\n`;
  return print(args, { path, isChanged }, outcome);
}

/** The key is never taken from the command line, which others see and the shell remembers. */
async function takeKey(args: Args): Promise<string> {
  const hint = "For example: pass show opensync | pi-opensync config set apiKey";
  if (args.value !== undefined) {
    throw new AppError("usage", "a key has no place on the command line", {
      hint: `Others see it there, and the shell remembers it. ${hint}`,
    });
  }
  return process.stdin.isTTY ? askKey("API key", args, hint) : readKeyFromStdin(hint);
}

/** Says what holds now: a variable can still override the file. */
async function tellChange(args: Args, path: string, field: ConfigField): Promise<number> {
  const { origin, values } = await resolve(path);
  const { variable } = configSpec[field];
  if (origin[field] === "environment") {
    messagesFor(args).warn(`${path} is changed, but ${variable} is set and overrides it.`);
  }
  const value = showValue(field, values[field]);
  return print(args, { field, value }, `${field} is ${describeValue(value)}\n`);
}

function messagesFor(args: Args): Messages {
  return createMessages({ quiet: isSilent(args), verbose: args.verbose === true });
}

function print(args: Args, document: Record<string, unknown>, text: string): number {
  const json = JSON.stringify({ schemaVersion: 1, ...document });
  process.stdout.write(args.json ? `${json}\n` : text);
  return exitCodes.well;
}

function parseAction(word = "list"): Action {
  const action = actions.find((known) => known === word);
  if (action !== undefined) return action;
  throw unknownWord(`'config' can't '${word}'`, word, actions);
}

function parseFieldName(word: string | undefined): ConfigField {
  if (word === undefined) {
    throw new AppError("usage", "name a field", { hint: `Fields: ${configFields.join(", ")}.` });
  }
  const field = configFields.find((known) => known === word);
  if (field !== undefined) return field;
  throw unknownWord(`there is no field '${word}'`, word, configFields);
}

function unknownWord(message: string, word: string, known: readonly string[]): AppError {
  const near = suggest(word, known);
  const hint = near ? `Did you mean '${near}'?` : `There are ${known.join(", ")}.`;
  return new AppError("usage", message, { hint });
}

/** @throws AppError "usage" where there are words that the action does not take */
function checkWordCount(action: Action, { field, value }: Args): void {
  const takesField = action === "get" || action === "set" || action === "unset";
  const extra = takesField ? (action === "set" ? undefined : value) : field;
  if (extra !== undefined)
    throw new AppError("usage", `'config ${action}' does not take '${extra}'`);
}
