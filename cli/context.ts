import { loadConfig } from "../lib/config/load.ts";
import type { LoadedConfig } from "../lib/config/load.ts";
import { resolvePaths } from "../lib/platform/paths.ts";
import type { Env, Paths } from "../lib/platform/paths.ts";
import { createMessages } from "./ui/messages.ts";
import type { Messages } from "./ui/messages.ts";

/** What most commands begin with: this machine, its configuration, and a way to talk. */
export interface Context extends LoadedConfig {
  env: Env;
  paths: Paths;
  messages: Messages;
}

/** How loud a command is to be. */
export interface LoudnessFlags {
  json?: boolean | undefined;
  quiet?: boolean | undefined;
  verbose?: boolean | undefined;
}

/** Whether nothing is said but results and errors. */
export function isSilent({ json, quiet }: LoudnessFlags): boolean {
  return json === true || quiet === true;
}

/**
 * Reads the configuration, and tells what is odd about it.
 *
 * @throws AppError "config" where the file or a variable can't be used
 */
export async function openContext(args: LoudnessFlags): Promise<Context> {
  const { env } = process;
  const paths = resolvePaths(env);
  const messages = createMessages({ quiet: isSilent(args), verbose: args.verbose === true });
  const loaded = await loadConfig(env, paths);
  for (const { message, hint } of loaded.warnings) messages.warn(`${message} ${hint}`);
  return { env, paths, messages, ...loaded };
}
