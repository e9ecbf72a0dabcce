/** What a machine notes as agreed: no more than what is so, and nothing that would turn into a deletion. */

import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { findConflicts, resolveConflict } from "../../../../lib/settings/resolve.ts";
import { prepareRollback } from "../../../../lib/settings/rollback.ts";
import { runOperation } from "../../../../lib/settings/run.ts";
import type { Outcome } from "../../../../lib/settings/run.ts";
import type { SettingsMachine } from "../../../support/settings-machine.ts";
import { freshPair, syncedPair } from "../../../support/settings-pair.ts";

const { signal } = new AbortController();

async function rollBack(machine: SettingsMachine, number: number): Promise<Outcome> {
  const context = await machine.context();
  const plan = (): ReturnType<typeof prepareRollback> => prepareRollback(context, number, signal);
  const review = (): Promise<boolean> => Promise.resolve(true);
  return runOperation(context, { kind: "rollback" }, plan, { review, signal });
}

/** Has the person write a file as soon as something is applied. */
function writeMeanwhile(machine: SettingsMachine, path: string, text: string): void {
  machine.onStep = () => {
    delete machine.onStep;
    writeFileSync(join(machine.agentDir, path), text);
  };
}

describe("an emptied storage", () => {
  // Suspicion: an operation that finds nothing to do forgets the base, and the next start pushes.
  test("gets nothing automatically, also after a pull that found nothing", async () => {
    await using machines = await syncedPair();
    const { laptop, storage } = machines;
    await rm(storage, { recursive: true });
    await mkdir(storage);
    expect((await laptop.run("pull")).kind).toBe("nothing");
    expect(await laptop.run("automatic")).toMatchObject({ stop: { reason: "storage is empty" } });
    expect(await readdir(storage)).toEqual([]);
  });
});

describe("a rollback of a file that somebody writes meanwhile", () => {
  // Suspicion: both sides came to the same before, so the skipped file counts as agreed, and the next
  // sync takes the rollback back without a word.
  test("is a conflict then", async () => {
    await using machines = await syncedPair();
    const { laptop, desktop } = machines;
    await laptop.write("prompts/a.md", "second\n");
    await laptop.run("sync");
    await desktop.run("sync");
    await laptop.write("prompts/a.md", "third\n");
    await laptop.run("sync");
    await desktop.write("prompts/a.md", "third\n");
    writeMeanwhile(desktop, "prompts/a.md", "fourth\n");
    const outcome = await rollBack(desktop, 1);
    expect(outcome.executed?.applied.skipped).toMatchObject([{ path: "prompts/a.md" }]);
    expect(await desktop.run("automatic")).toMatchObject({ stop: { reason: "conflict" } });
    expect(await desktop.read("prompts/a.md")).toBe("fourth\n");
  });
});

describe("a file that a machine does not take any more", () => {
  // Suspicion: the base of a file that is excluded outlives it, and makes of its absence a deletion.
  test("comes back when it is taken again, and is deleted nowhere", async () => {
    await using machines = await syncedPair();
    const { laptop, desktop, storage } = machines;
    await desktop.configure({ endpoint: storage, exclude: ["prompts/a.md"] });
    await desktop.remove("prompts/a.md");
    await desktop.run("automatic");
    await desktop.configure({ endpoint: storage });
    await desktop.run("automatic");
    await laptop.run("automatic");
    expect(await laptop.read("prompts/a.md")).toBe("a\n");
    expect(await desktop.read("prompts/a.md")).toBe("a\n");
  });

  test("is not overwritten by what it was, when both changed meanwhile", async () => {
    await using machines = await syncedPair();
    const { laptop, desktop, storage } = machines;
    await desktop.configure({ endpoint: storage, exclude: ["prompts/a.md"] });
    await desktop.run("automatic");
    await desktop.write("prompts/a.md", "of the desktop\n");
    await laptop.write("prompts/a.md", "of the laptop\n");
    await laptop.run("automatic");
    await desktop.run("automatic");
    await desktop.configure({ endpoint: storage });
    expect(await desktop.run("automatic")).toMatchObject({ stop: { reason: "conflict" } });
  });
});

describe("a conflict that is decided for the storage", () => {
  // Suspicion: it counts as decided though the file could not be written.
  test("stays one where somebody writes the file meanwhile", async () => {
    await using machines = await syncedPair();
    const { laptop, desktop } = machines;
    await laptop.write("prompts/a.md", "of the laptop\n");
    await laptop.run("sync");
    await desktop.write("prompts/a.md", "of the desktop\n");
    const { copies } = await desktop.run("sync");
    writeMeanwhile(desktop, "prompts/a.md", "third\n");
    const context = await desktop.context();
    const [conflict] = await findConflicts(context, signal);
    const decision = resolveConflict(context, conflict!, "theirs", signal);
    expect(decision).rejects.toThrow("prompts/a.md was left as it is: changed meanwhile");
    await decision.catch(() => {});
    expect(await findConflicts(context, signal)).toHaveLength(1);
    expect(await desktop.read(copies[0]!)).toBe("of the laptop\n");
    expect(await desktop.read("prompts/a.md")).toBe("third\n");
  });
});

describe("a first sync of two sides that go together", () => {
  // Suspicion: what merges is no conflict that a push decides, so that it does nothing, for ever.
  test("is done by a push, which takes this machine's", async () => {
    await using machines = await freshPair();
    const { laptop, desktop } = machines;
    await laptop.write("models.json", '{"a": 1}');
    await laptop.run("push");
    await desktop.write("models.json", '{"b": 2}');
    expect(await desktop.run("sync")).toMatchObject({ stop: { reason: "choice" } });
    expect((await desktop.run("push")).kind).toBe("done");
    expect(await desktop.run("sync")).toMatchObject({ kind: "nothing" });
    await laptop.run("automatic");
    expect(JSON.parse((await laptop.read("models.json"))!)).toEqual({ b: 2 });
  });

  test("or by a pull, which takes the storage's and keeps a backup", async () => {
    await using machines = await freshPair();
    const { laptop, desktop } = machines;
    await laptop.write("models.json", '{"a": 1}');
    await laptop.run("push");
    await desktop.write("models.json", '{"b": 2}');
    const { executed } = await desktop.run("pull");
    expect(JSON.parse((await desktop.read("models.json"))!)).toEqual({ a: 1 });
    const backup = join(executed!.applied.backupDir!, "models.json");
    expect(await Bun.file(backup).json()).toEqual({ b: 2 });
    await desktop.run("automatic");
    await laptop.run("automatic");
    expect(JSON.parse((await laptop.read("models.json"))!)).toEqual({ a: 1 });
  });
});
