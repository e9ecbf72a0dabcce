import { aboutSubject, repairCommand } from "../check.ts";
import type { Check } from "../check.ts";
import type { DiskFacts } from "../facts/disk.ts";
import type { EmbeddedFacts } from "../facts/embedded.ts";
import type { FileFacts } from "../facts/files.ts";
import type { LockFacts } from "../facts/locks.ts";
import type { ProgramFacts } from "../facts/program.ts";
import type { RedactionFacts } from "../facts/redaction.ts";
import { count, describeBytes, describeSpan } from "../words.ts";

const program = aboutSubject("program", "Program");
const redaction = aboutSubject("redaction", "Redaction");
const privacy = aboutSubject("files-private", "Permissions");
const writable = aboutSubject("files-writable", "Our folders");
const locks = aboutSubject("locks", "Locks");
const embedded = aboutSubject("embedded-server", "Own server");
const disk = aboutSubject("disk", "Disk");

/** A session, its cursor and its waiting messages take less. */
const freeBytesMin = 16e6;
/** Room for some weeks. */
const freeBytesWell = 256e6;
const freeFilesMin = 100;

/** What runs. */
export function checkProgram({ version, commit, runtime, system }: ProgramFacts): Check[] {
  return [program.well(`pi-opensync ${version} (${commit}) with ${runtime} on ${system}.`)];
}

/** Whether secrets are really replaced. */
export function checkRedaction(facts: RedactionFacts): Check[] {
  if (!facts.isOn) {
    return [
      redaction.warning({
        found: "Redaction is off.",
        why: "Secrets in sessions are sent as they are.",
        fix: "pi-opensync config set redact true",
      }),
    ];
  }
  if (facts.replacesSample && facts.replacesOwnKey !== false) {
    return [redaction.well("Secrets are replaced, as a test shows.")];
  }
  const what = facts.replacesSample ? "the API key" : "a well-known kind of key";
  return [
    redaction.failure({
      found: `Redaction is on, but a test shows that it lets ${what} pass.`,
      why: "Secrets could leave this machine.",
      fix: "pi-opensync config set autoSync false, and report this, please.",
    }),
  ];
}

/** Whether our files are for their owner alone, and ours to write. */
export function checkFiles({ exposed, locked }: FileFacts): Check[] {
  return [...checkPrivacy(exposed), ...locked.map(describeLocked)];
}

function checkPrivacy(exposed: FileFacts["exposed"]): Check[] {
  if (exposed.length === 0)
    return [privacy.well("You alone can read our keys, and the sessions that we keep.")];
  const keys = exposed.filter(({ holds }) => holds === "key");
  const list = exposed.map(({ path, mode }) => `${path} (${mode})`).join(", ");
  return [
    privacy.failure({
      found: `Others on this machine can read ${list}.`,
      why:
        keys.length > 0
          ? "Who has the key can read all your sessions."
          : "Your sessions are in there.",
      fix: repairCommand,
    }),
  ];
}

function describeLocked(path: string): Check {
  return writable.failure({
    found: `${path} can't be written to.`,
    why: "What was sent can't be remembered, and what waits can't be kept.",
    fix: `sudo chown -R "$USER" "${path}"`,
  });
}

/** Who holds what, and what was left behind. */
export function checkLocks({ holders, seenTo, left, gone, staleLocks }: LockFacts): Check[] {
  const stale = staleLocks.map(({ path, ageMs }) => `${path} (${describeSpan(ageMs)} old)`);
  if (gone.length > 0) stale.push(count(gone.length, "mark") + " of sessions that are gone");
  if (stale.length > 0) {
    return [
      locks.warning({
        found: `Left behind by a program that ended: ${stale.join(", ")}.`,
        why: "Others may wait for it, or look for what is not there any more.",
        fix: repairCommand,
      }),
    ];
  }
  const held =
    seenTo > 0
      ? `${count(seenTo, "session")} held by pi, process ${holders.join(", ")}.`
      : "Nothing is locked.";
  return [locks.well(left > 0 ? `${held} ${count(left, "session")} left to send.` : held)];
}

/** Whether the files of the server on this machine are sound, where there is one. */
export function checkEmbedded(
  facts: EmbeddedFacts,
  formatKnown: number | undefined,
  isKeyAccepted: boolean,
): Check[] {
  const { database, databasePath, hasKey, isInUse, isOurKey } = facts;
  if (!database && !isInUse) return [];
  if (database && (!database.isDatabase || database.isCut)) {
    return [
      embedded.failure({
        found: `${databasePath} is ${database.isDatabase ? "cut off" : "no database"}.`,
        why: "The server on this machine can't start, and its sessions can't be read.",
        fix: "Put it back from a backup; or move it away, and run pi-opensync serve --backfill.",
      }),
    ];
  }
  if (database && formatKnown !== undefined && database.format > formatKnown) {
    return [
      embedded.failure({
        found: `${databasePath} was written by a newer pi-opensync (format ${database.format}; this knows ${formatKnown}).`,
        why: "This version can't serve it.",
        fix: "Update pi-opensync.",
      }),
    ];
  }
  // Sessions may go to another server on this machine, which then takes another key.
  const isWrongKey = isOurKey === false && !isKeyAccepted;
  if (hasKey === false || isWrongKey) return [describeKeyTrouble(facts)];
  if (!database) return [];
  return [embedded.well(`${databasePath}, ${describeBytes(database.bytes)}, is sound.`)];
}

function describeKeyTrouble({ hasKey, databasePath }: EmbeddedFacts): Check {
  return embedded.warning({
    found:
      hasKey === false
        ? `The key file beside ${databasePath} holds no key.`
        : "Sessions go to this machine with another key than its server has.",
    why: "The server on this machine will not take them.",
    fix: "pi-opensync setup --local",
  });
}

/** Whether there is room for what waits. */
export function checkDisk(disks: DiskFacts): Check[] {
  return disks.map(({ path, freeBytes, freeFiles }) => {
    const free = `${describeBytes(freeBytes)} are free at ${path}.`;
    if (freeBytes < freeBytesMin || freeFiles < freeFilesMin) {
      return disk.failure({
        found: freeFiles < freeFilesMin ? `${path} has no room for more files.` : `Only ${free}`,
        why: "pi can't write sessions, and we can't remember what was sent.",
        fix: "Free some space on that disk.",
      });
    }
    if (freeBytes >= freeBytesWell) return disk.well(free);
    return disk.warning({
      found: `Only ${free}`,
      why: "pi can't write sessions when it is full.",
      fix: "Free some space on that disk.",
    });
  });
}
