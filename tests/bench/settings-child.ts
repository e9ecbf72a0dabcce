/**
 * Measures settings sync on the machine of the environment, under the runtime that runs it:
 * `settings-child <task> <rounds> <address of the storage>`. Prints milliseconds as JSON; the first
 * ones are those of a process that has just started.
 */

import { systemClock } from "../../lib/platform/clock.ts";
import { resolvePaths } from "../../lib/platform/paths.ts";
import { syncAutomatically } from "../../lib/settings/automatic.ts";
import { mayHaveSettings } from "../../lib/settings/config/may-have.ts";
import { openSettings } from "../../lib/settings/context.ts";
import type { SettingsTools } from "../../lib/settings/context.ts";
import { findBothChanged, planSync } from "../../lib/settings/plan.ts";
import { judgePath } from "../../lib/settings/selection.ts";
import { survey } from "../../lib/settings/survey.ts";
import type { Survey } from "../../lib/settings/survey.ts";

const tasks: Record<string, () => Promise<() => unknown>> = {
  /** A request that the storage refuses, and nothing else. */
  "round trip": () => Promise.resolve(async () => (await fetch(address)).text()),
  sync: () => Promise.resolve(() => syncAutomatically(tools, false, signal)),
  "may have": () => Promise.resolve(() => mayHaveSettings(env, paths)),
  survey: () => Promise.resolve(look),
  /** Without what the last scan remembers. */
  "survey anew": () =>
    Promise.resolve(async () => {
      const context = await openSettings(tools);
      await survey({ ...context, scanCachePath: undefined }, signal);
    }),
  "plan of changes": async () => planOfChanges(await look()),
};

const { env } = process;
const paths = resolvePaths(env);
const { signal } = new AbortController();
const [task = "", rounds = "1", address = ""] = process.argv.slice(2);
const tools: SettingsTools = { env, paths, clock: systemClock, fetch, hostname: "bench" };

const run = await tasks[task]?.();
const times: number[] = [];
for (let round = 0; run && round < Number(rounds); round++) {
  const startedAt = performance.now();
  await run();
  times.push(performance.now() - startedAt);
}
// Connections that are kept would keep the process.
process.stdout.write(JSON.stringify(times), () => process.exit(0));

async function look(): Promise<Survey> {
  return survey(await openSettings(tools), signal);
}

/** All files changed in the storage; nothing is read. */
function planOfChanges({ base, local, remote }: Survey): () => void {
  const changed = [...remote.files].map(
    ([path, file]) => [path, { ...file, sha256: "0".repeat(64) }] as const,
  );
  const sides = {
    base,
    local: local.files,
    remote: new Map(changed),
    leftOut: [],
    judge: (path: string) => judgePath(path, { include: [], exclude: [] }),
  };
  return () => {
    findBothChanged(sides);
    planSync(sides, new Map());
  };
}
