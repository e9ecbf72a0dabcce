import { aboutSubject, repairCommand } from "../check.ts";
import type { Check } from "../check.ts";
import type { ExposedFile } from "../facts/files.ts";
import type { ApplyFacts, BackupFacts, SettingsLockFacts } from "../facts/settings-disk.ts";
import { count, describeBytes, describeSpan } from "../words.ts";

const privacy = aboutSubject("settings-private", "Permissions");
const locked = aboutSubject("settings-lock", "Settings lock");
const unfinished = aboutSubject("settings-apply", "Unfinished");
const kept = aboutSubject("settings-backups", "Backups");

/** Whether others on this machine can read the keys. */
export function checkExposed(exposed: readonly ExposedFile[]): Check[] {
  if (exposed.length === 0) return [];
  const list = exposed.map(({ path, mode }) => `${path} (${mode})`).join(", ");
  return [
    privacy.failure({
      found: `Others on this machine can read ${list}.`,
      why: "Who has the key can read your settings, and change them on all machines.",
      fix: repairCommand,
    }),
  ];
}

/** Who syncs, and whether somebody left the lock behind. */
export function checkLock(facts: SettingsLockFacts | undefined, nowMs: number): Check[] {
  if (!facts) return [];
  const { host, path, processId, startedAt, state, what } = facts;
  const since = describeSince(startedAt, nowMs);
  switch (state) {
    case "held":
      return [locked.well(`Process ${processId} syncs (${what})${since}.`)];
    case "left":
      return [
        locked.warning({
          found: `Left behind by process ${processId}, which has ended (${what}${since}).`,
          why: "The next sync takes it over.",
          fix: "'unlock'",
        }),
      ];
    case "elsewhere":
      return [
        locked.failure({
          found: `Held by process ${processId} on ${host} (${what}${since}).`,
          why: "Nothing is synced here while it holds the lock; from here, nobody can tell whether it still runs.",
          fix: "If nobody syncs there: 'unlock --stale'",
        }),
      ];
    default:
      return [
        locked.failure({
          found: `${path} does not say who holds it.`,
          why: "Nothing is synced while it is there.",
          fix: "If nobody syncs: 'unlock --stale'",
        }),
      ];
  }
}

function describeSince(startedAt: string, nowMs: number): string {
  const agoMs = nowMs - Date.parse(startedAt);
  return Number.isFinite(agoMs) ? `, begun ${describeSpan(Math.max(0, agoMs))} ago` : "";
}

/** Whether a sync ended in the middle of writing. While one runs, that is no trouble. */
export function checkApply(facts: ApplyFacts | undefined, isUnderWay: boolean): Check[] {
  if (!facts || isUnderWay) return [];
  if ("problem" in facts) {
    return [
      unfinished.failure({
        found: facts.problem.message,
        why: "Nothing is synced until it is clear what is half done.",
        fix: facts.problem.hint,
      }),
    ];
  }
  return [
    unfinished.failure({
      found: `A sync ended while it wrote ${count(facts.files, "file")} of pi's settings.`,
      why: "They may be partly old and partly new.",
      fix: repairCommand,
    }),
  ];
}

/** How much is kept of what syncing replaced. */
export function checkBackups({ bytes, count: number, path }: BackupFacts): Check[] {
  if (number === 0) return [];
  return [
    kept.well(
      `${count(number, "backup")} of what was replaced (${describeBytes(bytes)}), in ${path}.`,
    ),
  ];
}
