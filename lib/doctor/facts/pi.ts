import { AppError } from "../../errors.ts";
import { findPiInstallations } from "../../pi/installations.ts";
import type { PiInstallation } from "../../pi/installations.ts";
import { findRegistrations } from "../../pi/registration.ts";
import type { Registration } from "../../pi/registration.ts";
import { piAgentDir } from "../../platform/paths.ts";
import type { Env } from "../../platform/paths.ts";
import { startPi } from "./load-pi.ts";
import type { LoadFacts } from "./load-pi.ts";

/** The pi of this machine, and what it loads. */
export interface PiFacts {
  agentDir: string;
  /** In the order of the PATH: the first is what `pi` starts. */
  installations: PiInstallation[];
  /** Our package and the older plugin in pi's settings. */
  registrations: Registration[];
  /** Why pi's settings can't be read. */
  settingsProblem?: string;
  /** What came of starting pi; absent where there is none. */
  load?: LoadFacts;
}

/** pi compiles an extension that changed, and the machine may be busy. */
const startTimeoutMs = 15_000;

/** Finds pi and what it is told to load, and starts it once to see what it does load. */
export async function lookAtPi(env: Env, cwd: string): Promise<PiFacts> {
  const [installations, registered] = await Promise.all([
    findPiInstallations(env),
    readRegistrations(env),
  ]);
  const facts: PiFacts = { agentDir: piAgentDir(env), installations, ...registered };
  const [first] = installations;
  if (!first) return facts;
  const load = await startPi({ path: first.path, env, cwd, timeoutMs: startTimeoutMs });
  return { ...facts, load };
}

async function readRegistrations(
  env: Env,
): Promise<Pick<PiFacts, "registrations" | "settingsProblem">> {
  try {
    return { registrations: await findRegistrations(env) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { registrations: [], settingsProblem: error.message };
  }
}
