import { AppError } from "../errors.ts";
import type { Env } from "../platform/paths.ts";
import type { CommandResult } from "../platform/run-command.ts";

/** The world that a secret may be taken from. */
export interface SecretSources {
  env: Env;
  /** Runs a shell command. */
  run: (command: string, timeoutMs: number) => Promise<CommandResult>;
}

/** Enough for a password manager that asks its owner; pi allows the same. */
const commandTimeoutMs = 10_000;

/**
 * The secret that a configured value stands for: `$NAME` or `${NAME}` a variable of the
 * environment, `!command` what a command prints, anything else itself. `name` is how messages
 * call it, such as "The API key".
 *
 * @throws AppError "config" when the variable is not set, or the command fails or prints nothing.
 */
export async function resolveSecret(
  name: string,
  value: string,
  { env, run }: SecretSources,
): Promise<string> {
  if (value.startsWith("!")) return readFromCommand(name, value.slice(1), run);
  const variable = /^\$(?:(\w+)|\{(\w+)\})$/.exec(value);
  if (variable === null) return value.trim();
  return readFromVariable(name, variable[1] ?? variable[2] ?? "", env);
}

/** What a configuration has for a key, for people to recognise: a variable's name is no secret. */
export function describeKey(value: string): string {
  if (/^\$(\w+|\{\w+\})$/.test(value)) return value;
  return value.startsWith("!") ? "from a command" : maskKey(value);
}

/** A key for people to recognise, and for nobody to use: `osk_…a1b2`. */
export function maskKey(key: string): string {
  const prefix = key.startsWith("osk_") ? "osk_" : "";
  const isLong = key.length - prefix.length >= 16;
  return `${prefix}…${isLong ? key.slice(-4) : ""}`;
}

function readFromVariable(name: string, variable: string, env: Env): string {
  const value = env[variable]?.trim();
  if (value) return value;
  throw new AppError("config", `${name} is in the variable ${variable}, which is not set.`, {
    hint: `Set ${variable} where pi is started, or run "pi-opensync setup".`,
  });
}

/** Neither the command nor its output is in the error: both can hold the secret. */
async function readFromCommand(
  name: string,
  command: string,
  run: SecretSources["run"],
): Promise<string> {
  const result = await run(command, commandTimeoutMs);
  const output = "output" in result ? result.output.trim() : "";
  if (output !== "") return output;
  const reason = "failure" in result ? result.failure : "it printed nothing";
  throw new AppError("config", `${name} comes from a command that failed: ${reason}.`, {
    hint: "Run the command in a terminal to see why.",
  });
}
