import { aboutSubject } from "./check.ts";
import type { Check } from "./check.ts";
import { checkConfig } from "./checks/config.ts";
import {
  checkDisk,
  checkEmbedded,
  checkFiles,
  checkLocks,
  checkProgram,
  checkRedaction,
} from "./checks/machine.ts";
import { checkPi } from "./checks/pi.ts";
import { checkServer } from "./checks/server.ts";
import { checkProgress, checkSessions } from "./checks/sessions.ts";
import { checkSettings } from "./checks/settings.ts";
import type { Facts, UnknownPart } from "./facts.ts";

/** What the facts are compared with. */
export interface Yardstick {
  nowMs: number;
  /** The newest format of the embedded server's database that this program knows. */
  databaseFormat?: number;
}

/** Judges the facts, in the order in which things depend on each other. Same facts, same checks. */
export function judge(facts: Facts, { nowMs, databaseFormat }: Yardstick): Check[] {
  const { config, disk, embedded, files, locks, pi } = facts;
  const { program, progress, redaction, server, sessions, settings, unknown = [] } = facts;
  return [
    ...(program ? checkProgram(program) : []),
    ...(config ? checkConfig(config) : []),
    ...(pi ? checkPi(pi, program?.version) : []),
    ...(server ? checkServer(server, nowMs) : []),
    ...(sessions ? checkSessions(sessions) : []),
    ...(progress ? checkProgress(progress, nowMs) : []),
    ...(redaction ? checkRedaction(redaction) : []),
    ...(files ? checkFiles(files) : []),
    ...(locks ? checkLocks(locks) : []),
    ...(embedded ? checkEmbedded(embedded, databaseFormat, server?.key?.isAccepted === true) : []),
    ...(disk ? checkDisk(disk) : []),
    ...(settings ? checkSettings(settings, nowMs, files?.exposed) : []),
    ...unknown.map(describeUnknown),
  ];
}

const blind = aboutSubject("unknown", "Unknown");

function describeUnknown({ what, reason, hint }: UnknownPart): Check {
  return blind.failure({
    found: `${what} could not be looked at: ${reason}`,
    why: "It may be well, or not.",
    fix: hint ?? "Mend that, then run pi-opensync doctor again.",
  });
}
