import { readConfigFile } from "../../lib/config/file.ts";
import { ConfigDraft } from "../../lib/config/draft.ts";
import { AppError } from "../../lib/errors.ts";
import { findPiInstallations } from "../../lib/pi/installations.ts";
import type { PiInstallation } from "../../lib/pi/installations.ts";
import { findRegistrations, olderPackage, ourPackage } from "../../lib/pi/registration.ts";
import type { Registration } from "../../lib/pi/registration.ts";
import { findSiblingConfigs } from "../../lib/pi/sibling-config.ts";
import type { SiblingConfig } from "../../lib/pi/sibling-config.ts";
import { piAgentDir } from "../../lib/platform/paths.ts";
import type { Env, Paths } from "../../lib/platform/paths.ts";
import { findSessionFiles } from "../../lib/session/discover.ts";

/** What is on this machine already. */
export interface SetupFacts {
  agentDir: string;
  installations: PiInstallation[];
  sessionCount: number;
  /** Our configuration as it is. */
  draft: ConfigDraft;
  siblings: SiblingConfig[];
  /** Our package as pi loads it. */
  ours: Registration[];
  /** The older plugin, which sends the same sessions once more. */
  older: Registration[];
  /** Why pi's settings can't be used. */
  settingsTrouble?: AppError;
}

/**
 * Looks around and changes nothing.
 *
 * @throws AppError "config" where our configuration is no JSON object
 */
export async function gatherFacts(env: Env, paths: Paths, cwd: string): Promise<SetupFacts> {
  const file = await readConfigFile(paths.configFile);
  const [installations, siblings, registered] = await Promise.all([
    findPiInstallations(env),
    findSiblingConfigs(env),
    lookForRegistrations(env),
  ]);
  const registrations = registered instanceof AppError ? [] : registered;
  return {
    agentDir: piAgentDir(env),
    installations,
    sessionCount: findSessionFiles({ env, cwd }).files.length,
    draft: new ConfigDraft({ path: paths.configFile, file, env }),
    siblings,
    ours: registrations.filter(({ name }) => name === ourPackage),
    older: registrations.filter(({ name }) => name === olderPackage),
    ...(registered instanceof AppError && { settingsTrouble: registered }),
  };
}

async function lookForRegistrations(env: Env): Promise<Registration[] | AppError> {
  try {
    return await findRegistrations(env);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}
