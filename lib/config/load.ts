import { findExposedKey, readConfigFile } from "./file.ts";
import { resolveConfig } from "./resolve.ts";
import type { ConfigOrigin, ConfigProblem } from "./resolve.ts";
import type { Config, ConfigField } from "./schema.ts";
import { resolveSecret } from "./secret.ts";
import { AppError } from "../errors.ts";
import { resolveBaseUrl } from "../opensync/base-url.ts";
import { hostPlatform } from "../platform/paths.ts";
import type { Env, Paths } from "../platform/paths.ts";
import { runCommand } from "../platform/run-command.ts";

/** The configuration, and what its owner should know about it. */
export interface LoadedConfig {
  config: Config;
  origin: Record<ConfigField, ConfigOrigin>;
  warnings: ConfigProblem[];
}

/**
 * Reads the configuration of this machine.
 *
 * @throws AppError "config" where the file or a variable can't be used
 */
export async function loadConfig(env: Env, paths: Paths): Promise<LoadedConfig> {
  const path = paths.configFile;
  const file = await readConfigFile(path);
  const { values, origin, warnings, errors } = resolveConfig({ path, file, env });
  const [first] = errors;
  if (first) {
    const message = errors.map((error) => error.message).join("\n");
    throw new AppError("config", message, { hint: first.hint });
  }
  const exposed = await findExposedKey(path, file, hostPlatform);
  return { config: values, origin, warnings: exposed ? [...warnings, exposed] : warnings };
}

/** A server and the key for it. */
export interface Target {
  baseUrl: string;
  apiKey: string;
}

/** For what can be seen of sessions before there is a server to send them to. */
export const noTarget: Target = { baseUrl: "", apiKey: "" };

/**
 * The server that sessions go to. The signal ends a command that the key comes from.
 *
 * @throws AppError "not-configured" where address or key are missing, "config" where they can't be used
 */
export async function requireTarget(
  { url, apiKey }: Config,
  env: Env,
  signal?: AbortSignal,
): Promise<Target> {
  if (url === undefined || apiKey === undefined) {
    throw new AppError("not-configured", `${describeMissing(url, apiKey)} not configured yet.`, {
      hint:
        "Run 'pi-opensync setup', or set PI_OPENSYNC_CONVEX_URL and PI_OPENSYNC_API_KEY.\n" +
        "  Without an account: 'pi-opensync serve --backfill' keeps all on this machine.",
    });
  }
  return {
    baseUrl: resolveBaseUrl(url),
    apiKey: await resolveSecret("The API key", apiKey, {
      env,
      run: (command, timeoutMs) => runCommand(command, timeoutMs, signal),
    }),
  };
}

function describeMissing(url: string | undefined, apiKey: string | undefined): string {
  if (url === undefined && apiKey === undefined) return "Server and API key are";
  return url === undefined ? "The server's address is" : "The API key is";
}
