import { expect, test } from "bun:test";
import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { applyChanges } from "../../../../lib/settings/apply/apply.ts";
import type { FileChange } from "../../../../lib/settings/apply/place.ts";
import { recoverApply } from "../../../../lib/settings/apply/recover.ts";
import { tempDir } from "../../../support/temp.ts";
import { applyHome, fullScenario, listTree, placeIn } from "./support.ts";

const script = fileURLToPath(import.meta.resolve("./apply-until-killed.ts"));

/** Whether the process was killed before it had done its work. */
async function runUntil(home: string, work: "apply" | "recover", step: number): Promise<boolean> {
  const child = Bun.spawn([process.execPath, script, home, work, String(step)], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  await child.exited;
  expect(child.signalCode ?? child.exitCode).toBeOneOf(["SIGKILL", 0]);
  return child.signalCode === "SIGKILL";
}

async function saveChanges(home: string, changes: readonly FileChange[]): Promise<void> {
  const texts = changes.map(({ after, ...change }) => ({
    ...change,
    after: after && { ...after, content: new TextDecoder().decode(after.content) },
  }));
  await writeFile(join(home, "changes.json"), JSON.stringify(texts));
}

/** The scenario before and after, and a way to start it again in a folder of its own. */
async function prepare(): Promise<{
  old: string[];
  new: string[];
  copy(): Promise<{ path: string } & AsyncDisposable>;
  [Symbol.asyncDispose](): PromiseLike<void>;
}> {
  const home = await applyHome();
  const changes = await fullScenario(home);
  await saveChanges(home.path, changes);
  const old = await listTree(home.place.agentDir);
  const done = await tempDir();
  await cp(home.path, done.path, { recursive: true });
  const applied = await applyChanges(placeIn(done.path), changes);
  expect(applied.skipped).toEqual([]);
  const after = await listTree(placeIn(done.path).agentDir);
  await done[Symbol.asyncDispose]();
  return {
    old,
    new: after,
    async copy() {
      const copy = await tempDir();
      await cp(home.path, copy.path, { recursive: true });
      return copy;
    },
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  };
}

test("a kill at any step leaves, after the next start, all as it was or all as it was to become", async () => {
  await using scenario = await prepare();
  const outcomes: string[] = [];
  let isKilled = true;
  for (let step = 0; isKilled; step++) {
    await using home = await scenario.copy();
    const place = placeIn(home.path);
    isKilled = await runUntil(home.path, "apply", step);
    const recovered = await recoverApply(place);
    const tree = await listTree(place.agentDir);
    const isNew = tree.join("\n") === scenario.new.join("\n");
    if (!isNew) expect([step, ...tree]).toEqual([step, ...scenario.old]);
    expect(recovered?.skipped ?? []).toEqual([]);
    expect(await recoverApply(place)).toBeUndefined();
    const backups = await listTree(join(place.stateDir, "backups"));
    expect(backups.some((line) => line.endsWith("AGENTS.md: old agents"))).toBe(isNew);
    outcomes.push(isNew ? "new" : "old");
  }
  // Once it is decided, it stays so.
  const decided = outcomes.indexOf("new");
  expect(decided).toBeGreaterThan(20);
  expect(outcomes.length - decided).toBeGreaterThan(15);
  expect(outcomes.slice(decided)).not.toContain("old");
});

test.each([
  ["while files are staged", 30, "old"],
  ["right after the decision", 55, "new"],
] as const)(
  "a kill %s, and kills at the steps of the recovery, leave no half",
  async (_, first, expected) => {
    await using scenario = await prepare();
    let isKilled = true;
    for (let step = 0; isKilled; step += 2) {
      await using home = await scenario.copy();
      expect(await runUntil(home.path, "apply", first)).toBe(true);
      isKilled = await runUntil(home.path, "recover", step);
      // A third one ends a little later.
      await runUntil(home.path, "recover", 3);
      await recoverApply(placeIn(home.path));
      const tree = await listTree(placeIn(home.path).agentDir);
      expect([step, ...tree]).toEqual([
        step,
        ...(expected === "old" ? scenario.old : scenario.new),
      ]);
    }
  },
);
