import { AppError, messageOf } from "../errors.ts";
import { createOpenSyncClient } from "../opensync/client.ts";
import type { Fetch } from "../opensync/request.ts";
import type { Clock } from "../platform/clock.ts";
import { hostPlatform } from "../platform/paths.ts";
import type { Env, Paths } from "../platform/paths.ts";
import { loadRedactor, passAll } from "../redact/load-redactor.ts";
import { createRedactor } from "../redact/redact.ts";
import type { Redactor } from "../redact/redact.ts";
import type { Facts, UnknownPart } from "./facts.ts";
import { lookAtConfig } from "./facts/config.ts";
import type { FoundConfig } from "./facts/config.ts";
import { lookAtConfiguredSettings } from "./facts/configured-settings.ts";
import { lookAtDisk } from "./facts/disk.ts";
import { lookAtEmbedded } from "./facts/embedded.ts";
import { lookAtFiles } from "./facts/files.ts";
import { lookAtLocks } from "./facts/locks.ts";
import { lookAtPi } from "./facts/pi.ts";
import type { ProgramFacts } from "./facts/program.ts";
import { lookAtProgress } from "./facts/progress.ts";
import { lookAtRedaction } from "./facts/redaction.ts";
import { lookAtServer } from "./facts/server.ts";
import type { ServerFacts } from "./facts/server.ts";
import { lookAtSessions } from "./facts/sessions.ts";

/** Where to look. */
export interface Surroundings {
  env: Env;
  cwd: string;
  paths: Paths;
  clock: Clock;
  fetch: Fetch;
  hostname: string;
  program: ProgramFacts;
  /** Leave the network alone. */
  isOffline: boolean;
}

/** The facts, and what takes the secrets of this machine out of a text. */
export interface Collected {
  facts: Facts;
  redactor: Redactor;
}

/** No more than one try, which the deadline of all that is asked of the server ends. */
const timeoutMs = 5000;

/** Collects all facts side by side, and changes nothing. What can't be looked at is a fact, too. */
export async function collectFacts(around: Surroundings): Promise<Collected> {
  const { env, cwd, paths, clock, program } = around;
  const unknown: UnknownPart[] = [];
  const look = async <T>(what: string, action: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await action();
    } catch (error) {
      const hint = error instanceof AppError ? error.hint : undefined;
      unknown.push({ what, reason: messageOf(error), hint });
      return undefined;
    }
  };
  const found = await lookAtConfig(env, paths);
  const apiKey = found.target?.apiKey;
  // What follows the network and pi reads many files, which would keep those waiting.
  const [server, settings, pi, redactor = rulesAlone] = await Promise.all([
    look("The server", () => askServer(found, around)),
    look("Settings sync", () => lookAtConfiguredSettings(around, around.isOffline)),
    look("pi", () => lookAtPi(env, cwd)),
    look("The known secrets", () => loadRedactor(env, undefined, apiKey ?? "")),
  ]);
  const [sent, files, locks, embedded, disk] = await Promise.all([
    look("The sessions", () => lookAtSent(found, around)),
    look("The permissions of our files", () => lookAtFiles(paths, hostPlatform)),
    look("The locks", () => lookAtLocks(env, paths, clock)),
    look("The database", () => lookAtEmbedded(paths, found.target)),
    look("The disk", () => lookAtDisk(paths)),
  ]);
  const { config, facts } = found;
  const redaction = lookAtRedaction(config.redact ? redactor : passAll, config.redact, apiKey);
  const local = { redaction, files, locks, embedded, disk, settings };
  return { facts: { program, config: facts, pi, server, ...sent, ...local, unknown }, redactor };
}

/** For a machine whose secrets can't be read. */
const rulesAlone = createRedactor({ dictionary: [] });

async function askServer(
  { target }: FoundConfig,
  { clock, env, fetch, isOffline }: Surroundings,
): Promise<ServerFacts | undefined> {
  if (!target || isOffline) return undefined;
  const client = createOpenSyncClient({ ...target, fetch, clock, timeoutMs });
  return lookAtServer(target.baseUrl, { client, fetch, clock, env });
}

async function lookAtSent(
  { config, target }: FoundConfig,
  { env, cwd, paths, clock }: Surroundings,
): Promise<Pick<Facts, "sessions" | "progress">> {
  const { facts: sessions, files } = await lookAtSessions({ env, cwd });
  if (!target) return { sessions };
  return { sessions, progress: await lookAtProgress(files, { env, paths, config, target, clock }) };
}
