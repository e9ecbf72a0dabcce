/** A storage that does not say any more what this machine synced with. */

import { expect, test } from "bun:test";
import { cp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { syncedPair } from "../../../support/settings-pair.ts";
import type { SettingsPair } from "../../../support/settings-pair.ts";

/** Commit 2 of the laptop is replaced by one of the desktop, as by copying one folder over another. */
async function replaceCommit({ laptop, desktop, storage }: SettingsPair): Promise<void> {
  const backup = `${storage}.backup`;
  await cp(storage, backup, { recursive: true });
  await laptop.write("prompts/a.md", "of the laptop\n");
  await laptop.run("automatic");
  await rm(storage, { recursive: true });
  await cp(backup, storage, { recursive: true });
  await desktop.write("prompts/a.md", "of the desktop\n");
  await desktop.write("prompts/b.md", "of the desktop\n");
  await desktop.run("automatic");
}

// Suspicion: a list of names does not show that a commit was replaced, and the next one goes over it.
test("whose newest commit was replaced gets no commit on top of the old one", async () => {
  await using machines = await syncedPair();
  const { laptop, desktop, storage } = machines;
  await replaceCommit(machines);
  await laptop.write("prompts/c.md", "third\n");
  expect(await laptop.run("automatic")).toMatchObject({ stop: { reason: "choice" } });
  expect(await readdir(join(storage, "pi-sync/profiles/default/log"))).toHaveLength(2);
  expect((await laptop.run("pull")).kind).toBe("done");
  expect(await laptop.read("prompts/b.md")).toBe("of the desktop\n");
  await laptop.run("automatic");
  await desktop.run("automatic");
  expect(await desktop.read("prompts/c.md")).toBe("c\n");
});

test("whose newest commit was replaced is seen through when another one follows", async () => {
  await using machines = await syncedPair();
  const { laptop, desktop } = machines;
  await replaceCommit(machines);
  await desktop.write("prompts/d.md", "of the desktop\n");
  await desktop.run("automatic");
  expect(await laptop.run("automatic")).toMatchObject({ stop: { reason: "choice" } });
  expect(await laptop.read("prompts/a.md")).toBe("of the laptop\n");
});

test("that was restored from a backup takes nothing and gives nothing without being asked", async () => {
  await using machines = await syncedPair();
  const { laptop, storage } = machines;
  const backup = `${storage}.backup`;
  await cp(storage, backup, { recursive: true });
  await laptop.write("prompts/a.md", "newer\n");
  await laptop.run("automatic");
  await rm(storage, { recursive: true });
  await cp(backup, storage, { recursive: true });
  expect(await laptop.run("automatic")).toMatchObject({ stop: { reason: "choice" } });
  expect(await laptop.read("prompts/a.md")).toBe("newer\n");
});
