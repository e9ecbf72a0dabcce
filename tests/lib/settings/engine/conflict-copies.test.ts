/** The storage's version of a conflict beside the file: made by a person's sync, and in nobody's way. */

import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, symlink } from "node:fs/promises";
import { join } from "node:path";

import type { SettingsMachine } from "../../../support/settings-machine.ts";
import { syncedPair } from "../../../support/settings-pair.ts";

async function listCopies(machine: SettingsMachine): Promise<string[]> {
  const names = await readdir(machine.agentDir, { recursive: true });
  return names.filter((name) => name.includes(".conflict-")).sort();
}

// Suspicion: copies are made when the lock is given back already, while another process applies.
test("are made under the lock, as everything that is written", async () => {
  await using machines = await syncedPair();
  const { laptop, desktop } = machines;
  await laptop.write("AGENTS.md", "of the laptop\n");
  await laptop.run("automatic");
  await desktop.write("AGENTS.md", "of the desktop\n");
  const { lock } = await desktop.context();
  const unlocked: string[] = [];
  let steps = 0;
  desktop.onStep = (step) => {
    steps++;
    if (!existsSync(lock("test").path)) unlocked.push(step);
  };
  const { copies } = await desktop.run("sync");
  expect(copies).toEqual(await listCopies(desktop));
  expect(copies).toHaveLength(1);
  expect(steps).toBeGreaterThan(0);
  expect(unlocked).toEqual([]);
});

// Suspicion: a file that stands behind a link makes every sync fail, after it was done.
test("are left out where they can't be written, and the sync is done all the same", async () => {
  await using machines = await syncedPair();
  const { laptop, desktop } = machines;
  await mkdir(join(desktop.agentDir, "extensions"));
  await rename(join(desktop.agentDir, "skills/tide"), join(desktop.agentDir, "extensions/tide"));
  await symlink("../extensions/tide", join(desktop.agentDir, "skills/tide"));
  await laptop.write("skills/tide/run.sh", "#!/bin/sh\necho laptop\n", 0o755);
  await laptop.write("AGENTS.md", "of the laptop\n");
  await laptop.run("automatic");
  await desktop.write("skills/tide/run.sh", "#!/bin/sh\necho desktop\n", 0o755);
  await desktop.write("AGENTS.md", "of the desktop\n");
  const outcome = await desktop.run("sync");
  expect(outcome.proposal.conflicts.map(({ path }) => path)).toEqual([
    "AGENTS.md",
    "skills/tide/run.sh",
  ]);
  expect(outcome.copies).toEqual(await listCopies(desktop));
  expect(outcome.copies).toHaveLength(1);
});

// Suspicion: the name of a copy is too long for the disk where that of the file is nearly.
test("are left out where their name would be too long", async () => {
  const path = `prompts/${"n".repeat(240)}.md`;
  await using machines = await syncedPair();
  const { laptop, desktop } = machines;
  await laptop.write(path, "first\n");
  await laptop.run("automatic");
  await desktop.run("automatic");
  await laptop.write(path, "of the laptop\n");
  await laptop.run("automatic");
  await desktop.write(path, "of the desktop\n");
  const outcome = await desktop.run("sync");
  expect(outcome.proposal.conflicts).toHaveLength(1);
  expect(outcome.copies).toEqual([]);
});

test("are never written over, and never sent", async () => {
  await using machines = await syncedPair();
  const { laptop, desktop } = machines;
  await laptop.write("prompts/a.md", "of the laptop\n");
  await laptop.run("automatic");
  await desktop.write("prompts/a.md", "of the desktop\n");
  const [copy = ""] = (await desktop.run("sync")).copies;
  await desktop.write(copy, "what I make of it\n");
  await laptop.write("prompts/a.md", "of the laptop, again\n");
  await laptop.run("automatic");
  await desktop.run("sync");
  await desktop.run("push", { isForced: true });
  await laptop.run("automatic");
  expect(await desktop.read(copy)).toBe("what I make of it\n");
  expect(await listCopies(laptop)).toEqual([]);
});
