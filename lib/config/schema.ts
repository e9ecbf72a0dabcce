import * as v from "valibot";

/** What a field may be, in the words of an error message: `"url" … must be a web address`. */
const text = (mayBe: string) => v.pipe(v.string(mayBe), v.trim(), v.nonEmpty(mayBe));
const yesOrNo = v.boolean("true or false");
const globs = 'a list of paths, such as ["~/private/**"]';

/** Our configuration. Fields of the file that are not listed here are left alone. */
export const configSchema = v.object({
  url: v.pipe(
    v.optional(text('a web address, such as "https://api.opensync.dev"')),
    v.description("Address of the OpenSync server."),
  ),
  apiKey: v.pipe(
    v.optional(
      text('an API key, "$NAME" of a variable that holds it, or "!command" that prints it'),
    ),
    v.description(
      "API key: itself, $NAME of a variable that holds it, or !command that prints it.",
    ),
  ),
  autoSync: v.pipe(v.optional(yesOrNo, true), v.description("Send sessions while pi runs.")),
  syncToolCalls: v.pipe(
    v.optional(yesOrNo, true),
    v.description("Send tool calls and their results."),
  ),
  syncThinking: v.pipe(v.optional(yesOrNo, false), v.description("Send the model's thinking.")),
  redact: v.pipe(
    v.optional(yesOrNo, true),
    v.description("Replace secrets before anything is sent."),
  ),
  metadataOnly: v.pipe(
    v.optional(yesOrNo, false),
    v.description("Send what a session used (model, tokens, cost) and none of its messages."),
  ),
  exclude: v.pipe(
    v.optional(v.array(text(globs), globs), () => []),
    v.description("Projects whose sessions are never sent, as globs over their folders."),
  ),
  debug: v.pipe(v.optional(yesOrNo, false), v.description("Write a detailed log.")),
});

/** The configuration with every default in its place. */
export type Config = v.InferOutput<typeof configSchema>;

export type ConfigField = keyof Config;

/** The fields, in the order of the schema. */
export const configFields = Object.keys(configSchema.entries) as ConfigField[];

/** The variable of the environment that overrides each field. */
export const configVariables: Readonly<Record<ConfigField, string>> = {
  url: "PI_OPENSYNC_CONVEX_URL",
  apiKey: "PI_OPENSYNC_API_KEY",
  autoSync: "PI_OPENSYNC_AUTO_SYNC",
  syncToolCalls: "PI_OPENSYNC_TOOL_CALLS",
  syncThinking: "PI_OPENSYNC_THINKING",
  redact: "PI_OPENSYNC_REDACT",
  metadataOnly: "PI_OPENSYNC_METADATA_ONLY",
  exclude: "PI_OPENSYNC_EXCLUDE",
  debug: "PI_OPENSYNC_DEBUG",
};
