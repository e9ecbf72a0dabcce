import { chmod, rmdir } from "node:fs/promises";

import { messageOf } from "../errors.ts";
import { openMarks } from "../live/marks.ts";
import { ourPackage, registerPackage } from "../pi/registration.ts";
import type { Clock } from "../platform/clock.ts";
import { privateFileMode } from "../platform/files.ts";
import type { Env, Paths } from "../platform/paths.ts";
import type { Facts } from "./facts.ts";
import { liveDir } from "./facts/locks.ts";
import type { PiFacts } from "./facts/pi.ts";
import type { SettingsFacts } from "./facts/settings.ts";

/** One thing that was mended, or why it could not be. */
export interface Repair {
  /** What it is, to stand behind `Mended:`. */
  what: string;
  /** Why it was not. */
  failure?: string;
}

/** What mending takes. */
export interface RepairTools {
  env: Env;
  paths: Paths;
  clock: Clock;
  hostname: string;
}

/**
 * Mends what is safe to mend without a question: permissions of our files, marks and locks that
 * nobody holds, changes of pi's settings that are half done, and the registration with pi. Never throws.
 */
export async function repair(facts: Facts, tools: RepairTools): Promise<Repair[]> {
  const { env, paths, clock } = tools;
  const { files, locks, pi, settings } = facts;
  const marks = openMarks(liveDir(paths.stateDir), () => clock.now());
  const steps: Step[] = [];
  const exposed = [...(files?.exposed ?? []), ...(settings?.exposed ?? [])];
  for (const path of new Set(exposed.map((file) => file.path))) {
    steps.push([`the permissions of ${path}`, () => chmod(path, privateFileMode)]);
  }
  for (const path of locks?.gone ?? []) {
    steps.push([`the mark of ${path}, which is gone`, () => marks.release(path)]);
  }
  for (const { path } of locks?.staleLocks ?? []) {
    // Only an empty folder is a lock of pi's.
    steps.push([`the lock ${path}, which nobody holds`, () => rmdir(path)]);
  }
  if (pi && isUnregistered(pi)) {
    steps.push(["the registration with pi", () => registerPackage(undefined, { env, clock })]);
  }
  if (settings) steps.push(...(await listSettingsSteps(settings, tools)));
  const repairs: Repair[] = [];
  for (const [what, action] of steps) repairs.push(await attempt(what, action));
  return repairs;
}

type Step = [what: string, action: () => Promise<unknown>];

async function listSettingsSteps(
  { apply, lock }: SettingsFacts,
  tools: RepairTools,
): Promise<Step[]> {
  const { finishApply, removeLeftLock } = await import("./repair-settings.ts");
  const isHalfDone = apply !== undefined && "files" in apply && lock?.state !== "held";
  return [
    ...(lock?.state === "left"
      ? [[`the lock ${lock.path}, which nobody holds`, () => removeLeftLock(tools)] as Step]
      : []),
    ...(isHalfDone
      ? [["pi's settings, which were half written", () => finishApply(tools)] as Step]
      : []),
  ];
}

function isUnregistered({ installations, load, registrations, settingsProblem }: PiFacts): boolean {
  const isLoaded = load?.kind === "started" && load.copies.length > 0;
  const isKnown = registrations.some(({ name }) => name === ourPackage);
  return installations.length > 0 && settingsProblem === undefined && !isLoaded && !isKnown;
}

async function attempt(what: string, action: () => Promise<unknown>): Promise<Repair> {
  try {
    await action();
    return { what };
  } catch (error) {
    return { what, failure: messageOf(error) };
  }
}
