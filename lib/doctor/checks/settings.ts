import { aboutSubject } from "../check.ts";
import type { Check } from "../check.ts";
import type { ExposedFile } from "../facts/files.ts";
import type { SettingsConfigFacts, SettingsFacts } from "../facts/settings.ts";
import type { StorageFacts } from "../facts/settings-storage.ts";
import { count, describeSpan } from "../words.ts";
import { checkComparison } from "./settings-comparison.ts";
import { checkApply, checkBackups, checkExposed, checkLock } from "./settings-disk.ts";

const config = aboutSubject("settings-config", "Settings sync");
const automatic = aboutSubject("settings-auto-sync", "Automatic");
const storage = aboutSubject("settings-storage", "Storage");
const creation = aboutSubject("settings-creation", "Two at once");
const encryption = aboutSubject("settings-encryption", "Encryption");

/**
 * Whether settings sync works: its configuration, its storage, what waits, and what stands on the disk.
 * Fixes name its commands in quotes, such as 'sync'. `known` are files that another check tells of.
 */
export function checkSettings(
  facts: SettingsFacts,
  nowMs: number,
  known: readonly ExposedFile[] = [],
): Check[] {
  const { apply, backups, comparison, comparisonProblem, exposed, lock } = facts;
  return [
    ...checkConfig(facts),
    ...(facts.config ? checkAutoSync(facts.config) : []),
    ...(facts.storage ? checkStorage(facts.storage, nowMs) : []),
    ...checkComparison(comparison, comparisonProblem),
    ...checkExposed(exposed.filter(({ path }) => !known.some((one) => one.path === path))),
    ...checkLock(lock, nowMs),
    ...checkApply(apply, lock?.state === "held"),
    ...checkBackups(backups),
  ];
}

function checkConfig({
  config: values,
  problem,
  storage: store,
  warnings,
}: SettingsFacts): Check[] {
  return [
    ...(problem
      ? [
          config.failure({
            found: problem.message,
            why: "Nothing is synced until it can be used.",
            fix: problem.hint,
          }),
        ]
      : []),
    ...(values && store ? [config.well(describeConfig(values, store))] : []),
    ...warnings.map(({ message, hint }) =>
      config.warning({ found: message, why: "What was meant does not happen.", fix: hint }),
    ),
  ];
}

function describeConfig(
  { hasSessionToken, profile, sources }: SettingsConfigFacts,
  { name, kind }: StorageFacts,
): string {
  const place = kind === "folder" ? `the folder ${name}` : `the ${name}`;
  const temporary = hasSessionToken ? " The access key is a temporary one, and will expire." : "";
  return `With ${place}, profile ${profile}. From ${sources.join(", ")}.${temporary}`;
}

function checkAutoSync({ autoSync, autoSyncVariable: variable }: SettingsConfigFacts): Check[] {
  if (autoSync) return [];
  return [
    automatic.warning({
      found: `Automatic sync of settings is off${variable ? `, by ${variable}` : ""}.`,
      why: "They are synced only when you ask for it.",
      fix: variable ? `unset ${variable}` : "'config autoSync true'",
    }),
  ];
}

function checkStorage(facts: StorageFacts, nowMs: number): Check[] {
  const { keyProblem, problem, tookMs } = facts;
  if (problem) {
    return [
      storage.failure({
        found: problem.message,
        why: "Settings neither leave nor reach this machine.",
        fix: problem.hint,
      }),
    ];
  }
  if (keyProblem) {
    return [
      encryption.failure({
        found: keyProblem.message,
        why: "Nothing is read or written with another key.",
        fix: keyProblem.hint,
      }),
    ];
  }
  const [asked, seen] =
    tookMs === undefined
      ? ["Not asked. When it was seen last, it", "held"]
      : [`Answers within ${tookMs} ms, and`, "holds"];
  return [
    storage.well(`${asked} ${seen} ${describeContent(facts, nowMs)}.`),
    ...checkCreation(facts),
    ...(tookMs === undefined ? [] : [encryption.well(describeEncryption(facts))]),
  ];
}

function describeContent({ files, head }: StorageFacts, nowMs: number): string {
  if (files === undefined) return "nothing";
  const held = files === 0 && !head ? "nothing" : count(files, "file");
  if (!head) return files === 0 ? held : `${held} of pi-sync 0.1`;
  const ago = describeSpan(Math.max(0, nowMs - head.atMs));
  return `${held}; the newest snapshot is #${head.number}, ${ago} old, from ${head.machine}`;
}

function checkCreation({ createMode, createProblem }: StorageFacts): Check[] {
  if (createProblem) {
    return [
      creation.failure({
        found: `A small object could not be written and deleted: ${createProblem.message}`,
        why: "Nothing can be sent there.",
        fix: createProblem.hint,
      }),
    ];
  }
  if (createMode === undefined) return [];
  if (createMode === "atomic") {
    return [creation.well("Of two machines that write at once, one waits for the other.")];
  }
  return [
    creation.warning({
      found: "The storage can't keep two machines from writing at once: it ignores If-None-Match.",
      why: "What one of them sends may get lost.",
      fix: "Sync one machine at a time, or use a storage that honours If-None-Match.",
    }),
  ];
}

function describeEncryption({ fingerprint, isEncrypted }: StorageFacts): string {
  if (!isEncrypted) return "Off: who can read the storage can read the settings.";
  return `On, with the key of the profile${fingerprint ? ` (${fingerprint})` : ""}.`;
}
