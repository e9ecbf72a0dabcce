/** Going back: as careful with what this machine can't read, and with secrets, as going on. */

import { expect, test } from "bun:test";
import { mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";

import { prepareRollback } from "../../../../lib/settings/rollback.ts";
import { runOperation } from "../../../../lib/settings/run.ts";
import type { Outcome, Review } from "../../../../lib/settings/run.ts";
import type { SettingsMachine } from "../../../support/settings-machine.ts";
import { syncedPair } from "../../../support/settings-pair.ts";

const { signal } = new AbortController();

async function rollBack(
  machine: SettingsMachine,
  number: number,
  review: (review: Review) => boolean = () => true,
): Promise<Outcome> {
  const context = await machine.context();
  const plan = (): ReturnType<typeof prepareRollback> => prepareRollback(context, number, signal);
  const options = { review: async (asked: Review) => review(asked), signal };
  return runOperation(context, { kind: "rollback" }, plan, options);
}

// Suspicion: what is below a folder that can't be read looks deleted here, and is deleted in the storage.
test("leaves what stands below a folder that this machine leaves out", async () => {
  await using machines = await syncedPair();
  const { laptop, desktop } = machines;
  await laptop.write("skills/new/SKILL.md", "new\n");
  await laptop.write("prompts/a.md", "second\n");
  await laptop.run("sync");
  await desktop.run("sync");
  await rm(join(desktop.agentDir, "skills/new"), { recursive: true });
  const elsewhere = join(desktop.env["HOME"]!, "dotfiles");
  await mkdir(elsewhere);
  await symlink(elsewhere, join(desktop.agentDir, "skills/new"));
  expect((await rollBack(desktop, 1)).kind).toBe("done");
  await laptop.run("automatic");
  expect(await laptop.read("prompts/a.md")).toBe("a\n");
  expect(await laptop.read("skills/new/SKILL.md")).toBe("new\n");
});

// Suspicion: a secret that was taken out comes back to all machines, and to a new commit, without a word.
test("asks before a secret of an old commit comes back", async () => {
  await using machines = await syncedPair();
  const { laptop, storage } = machines;
  await laptop.write("prompts/deploy.md", `use ghp_${"a1B2c3D4e5F6".repeat(3)}\n`);
  const [finding] = (await laptop.run("push")).findings;
  await laptop.configure({ endpoint: storage, allow: [finding!.id] });
  await laptop.run("push");
  await laptop.configure({ endpoint: storage });
  await laptop.write("prompts/deploy.md", "use $TOKEN\n");
  await laptop.run("push");
  let asked: Review | undefined;
  const outcome = await rollBack(laptop, 2, (review) => ((asked = review), false));
  expect(asked?.findings).toMatchObject([{ path: "prompts/deploy.md", start: "ghp_…" }]);
  expect(outcome.kind).toBe("declined");
  expect(await laptop.read("prompts/deploy.md")).toBe("use $TOKEN\n");
});

test("of files that are in no commit asks, and keeps a backup", async () => {
  await using machines = await syncedPair();
  const { laptop } = machines;
  await laptop.write("prompts/a.md", "second\n");
  await laptop.run("sync");
  await laptop.write("prompts/b.md", "never pushed\n");
  let asked: Review | undefined;
  const outcome = await rollBack(laptop, 1, (review) => ((asked = review), true));
  expect(asked?.proposal.questions).toContainEqual({ kind: "unsaved", paths: ["prompts/b.md"] });
  const backup = join(outcome.executed!.applied.backupDir!, "prompts/b.md");
  expect(await Bun.file(backup).text()).toBe("never pushed\n");
});
