/** A day of two machines on one folder, with the real files, log and merge. */

import { describe, expect, test } from "bun:test";
import { mkdir, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { prepareRollback } from "../../../lib/settings/rollback.ts";
import { runOperation } from "../../../lib/settings/run.ts";
import { findConflicts, resolveConflict } from "../../../lib/settings/resolve.ts";
import { survey } from "../../../lib/settings/survey.ts";
import { freshPair, syncedPair } from "../../support/settings-pair.ts";

const { signal } = new AbortController();

describe("first sync", () => {
  test("fills an empty storage, and an empty machine, with the executable bit", async () => {
    await using machines = await syncedPair();
    const { desktop } = machines;
    expect(await desktop.read("AGENTS.md")).toContain("three");
    expect((await stat(join(desktop.agentDir, "skills/tide/run.sh"))).mode & 0o777).toBe(0o755);
    // What belongs to the other machine stays there.
    expect(JSON.parse((await desktop.read("settings.json"))!)).toEqual({ theme: "dark" });
  });

  test("writes nothing where both sides differ, until the person chooses", async () => {
    await using machines = await freshPair();
    const { laptop: one, desktop: two } = machines;
    await one.write("AGENTS.md", "of one\n");
    await one.write("prompts/one.md", "one\n");
    await one.run("push");
    await two.write("AGENTS.md", "of two\n");
    await two.write("prompts/two.md", "two\n");
    for (const operation of ["automatic", "sync"] as const) {
      const outcome = await two.run(operation);
      expect(outcome).toMatchObject({ kind: "stopped", stop: { reason: "choice" } });
    }
    expect(await two.read("AGENTS.md")).toBe("of two\n");
    expect(await two.read("prompts/one.md")).toBeUndefined();

    const chosen = await two.run("pull");
    expect(chosen.proposal.questions).toContainEqual({ kind: "choice" });
    expect(await two.read("AGENTS.md")).toBe("of one\n");
    expect(await two.read("prompts/two.md")).toBe("two\n");
    await two.run("sync");
    await one.run("automatic");
    expect(await one.read("prompts/two.md")).toBe("two\n");
  });

  test("a push deletes nothing that only the storage has", async () => {
    await using machines = await freshPair();
    const { laptop: one, desktop: two } = machines;
    await one.write("AGENTS.md", "of one\n");
    await one.write("prompts/one.md", "one\n");
    await one.run("push");
    await two.write("AGENTS.md", "of two\n");
    await two.run("push");
    await one.run("automatic");
    expect(await one.read("AGENTS.md")).toBe("of two\n");
    expect(await one.read("prompts/one.md")).toBe("one\n");
    await two.run("automatic");
    expect(await two.read("prompts/one.md")).toBe("one\n");
  });
});

describe("changes on both machines", () => {
  test("to different files and keys, and lines apart, come together", async () => {
    await using machines = await syncedPair();
    const { laptop, desktop } = machines;
    await laptop.write("AGENTS.md", "ONE\ntwo\nthree\nfour\nfive\n");
    await laptop.write("settings.json", '{"theme": "light", "shellPath": "/bin/zsh"}');
    await desktop.write("AGENTS.md", "one\ntwo\nthree\nfour\nFIVE\n");
    await desktop.write("settings.json", '{"theme": "dark", "packages": ["npm:x"]}');
    await desktop.write("prompts/e.md", "e\n");
    expect((await laptop.run("automatic")).kind).toBe("done");
    expect((await desktop.run("automatic")).kind).toBe("done");
    expect((await laptop.run("automatic")).kind).toBe("done");
    for (const machine of [laptop, desktop]) {
      expect(await machine.read("AGENTS.md")).toBe("ONE\ntwo\nthree\nfour\nFIVE\n");
      const { theme, packages } = JSON.parse((await machine.read("settings.json"))!);
      expect({ theme, packages }).toEqual({ theme: "light", packages: ["npm:x"] });
      expect(await machine.read("prompts/e.md")).toBe("e\n");
      expect((await machine.run("automatic")).kind).toBe("nothing");
    }
    expect(JSON.parse((await laptop.read("settings.json"))!).shellPath).toBe("/bin/zsh");
  });

  test("to the same line conflict: automatic sync does nothing at all", async () => {
    await using machines = await syncedPair();
    const { laptop, desktop } = machines;
    await laptop.write("AGENTS.md", "of the laptop\n");
    await laptop.run("automatic");
    await desktop.write("AGENTS.md", "of the desktop\n");
    await desktop.write("prompts/e.md", "e\n");
    const outcome = await desktop.run("automatic");
    expect(outcome).toMatchObject({ kind: "stopped", stop: { reason: "conflict" } });
    expect((await laptop.run("automatic")).kind).toBe("nothing");
    expect(await desktop.read("AGENTS.md")).toBe("of the desktop\n");
  });

  test("a person's sync takes the rest, and puts the other version beside the file", async () => {
    await using machines = await syncedPair();
    const { laptop, desktop } = machines;
    await laptop.write("AGENTS.md", "of the laptop\n");
    await laptop.run("automatic");
    await desktop.write("AGENTS.md", "of the desktop\n");
    await desktop.write("prompts/e.md", "e\n");
    const outcome = await desktop.run("sync");
    expect(outcome.kind).toBe("done");
    const context = await desktop.context();
    const [copy = ""] = outcome.copies;
    expect(copy).toMatch(/^AGENTS\.md\.conflict-\d{8}-\d{6}-laptop$/);
    expect(await desktop.read(copy)).toBe("of the laptop\n");
    expect((await desktop.run("sync")).copies).toEqual([]);
    expect(await desktop.read("AGENTS.md")).toBe("of the desktop\n");
    await laptop.run("automatic");
    expect(await laptop.read("prompts/e.md")).toBe("e\n");

    const [conflict] = await findConflicts(context, signal);
    await resolveConflict(context, conflict!, "mine", signal);
    expect(await desktop.read(copy)).toBeUndefined();
    await desktop.run("automatic");
    await laptop.run("automatic");
    expect(await laptop.read("AGENTS.md")).toBe("of the desktop\n");
  });

  test("resolved for the other side, that version is taken and a backup kept", async () => {
    await using machines = await syncedPair();
    const { laptop, desktop } = machines;
    await laptop.write("AGENTS.md", "of the laptop\n");
    await laptop.run("automatic");
    await desktop.write("AGENTS.md", "of the desktop\n");
    const context = await desktop.context();
    const [conflict] = await findConflicts(context, signal);
    const executed = await resolveConflict(context, conflict!, "theirs", signal);
    expect(await desktop.read("AGENTS.md")).toBe("of the laptop\n");
    expect(await Bun.file(join(executed!.applied.backupDir!, "AGENTS.md")).text()).toBe(
      "of the desktop\n",
    );
    expect((await desktop.run("automatic")).kind).toBe("nothing");
  });

  test("push --force and pull --force decide conflicts for their side", async () => {
    await using machines = await syncedPair();
    const { laptop, desktop } = machines;
    await laptop.write("AGENTS.md", "of the laptop\n");
    await laptop.run("automatic");
    await desktop.write("AGENTS.md", "of the desktop\n");
    expect((await desktop.run("push")).kind).toBe("nothing");
    expect((await desktop.run("pull", { isForced: true })).kind).toBe("done");
    expect(await desktop.read("AGENTS.md")).toBe("of the laptop\n");
    await desktop.write("AGENTS.md", "second of the desktop\n");
    await laptop.write("AGENTS.md", "second of the laptop\n");
    await laptop.run("automatic");
    expect((await desktop.run("push", { isForced: true })).kind).toBe("done");
    await laptop.run("automatic");
    expect(await laptop.read("AGENTS.md")).toBe("second of the desktop\n");
  });
});

describe("what is lost", () => {
  test("a machine that lost all its files gets them back", async () => {
    await using machines = await syncedPair();
    const { laptop, desktop } = machines;
    await rm(desktop.agentDir, { recursive: true });
    expect((await desktop.run("automatic")).kind).toBe("done");
    expect(await desktop.read("skills/tide/run.sh")).toBe("#!/bin/sh\n");
    expect((await laptop.run("automatic")).kind).toBe("nothing");
  });

  test("a machine that pi has started anew never wins", async () => {
    await using machines = await syncedPair();
    const { laptop, desktop } = machines;
    await rm(desktop.agentDir, { recursive: true });
    await desktop.write("settings.json", '{"lastChangelogVersion": "1.0", "defaultModel": "m"}');
    const outcome = await desktop.run("automatic");
    expect(outcome).toMatchObject({ kind: "stopped", stop: { reason: "deletions" } });
    expect((await laptop.run("automatic")).kind).toBe("nothing");
    expect(await laptop.read("AGENTS.md")).toContain("one");
    await desktop.run("pull", { isForced: true });
    expect(await desktop.read("AGENTS.md")).toContain("one");
  });

  test("a few deletions pass, many ask", async () => {
    await using machines = await syncedPair();
    const { laptop, desktop } = machines;
    await laptop.remove("prompts/a.md");
    expect((await laptop.run("automatic")).kind).toBe("done");
    expect((await desktop.run("automatic")).kind).toBe("done");
    expect(await desktop.read("prompts/a.md")).toBeUndefined();
    await laptop.remove("prompts");
    expect(await laptop.run("automatic")).toMatchObject({ stop: { reason: "deletions" } });
    let asked: unknown;
    await laptop.run("sync", {
      review: async ({ proposal }) => ((asked = proposal.questions), true),
    });
    expect(asked).toEqual([{ kind: "deletions", side: "storage", count: 3, of: 6 }]);
    expect(await desktop.run("automatic")).toMatchObject({ stop: { reason: "deletions" } });
    expect(await desktop.read("prompts/b.md")).toBe("b\n");
  });

  test("an emptied storage gets nothing automatically, and everything by a push", async () => {
    await using machines = await syncedPair();
    const { laptop, desktop, storage } = machines;
    await rm(storage, { recursive: true });
    await mkdir(storage);
    expect(await laptop.run("automatic")).toMatchObject({ stop: { reason: "storage is empty" } });
    expect(await laptop.run("automatic")).toMatchObject({ stop: { reason: "storage is empty" } });
    expect(await laptop.read("AGENTS.md")).toContain("one");
    expect((await laptop.run("push")).kind).toBe("done");
    expect((await desktop.run("automatic")).kind).toBe("nothing");
  });

  test("a settings.json that can't be read is not a deleted one", async () => {
    await using machines = await syncedPair();
    const { laptop, desktop } = machines;
    await laptop.write("settings.json", '{"theme": ');
    await laptop.run("sync");
    await desktop.run("automatic");
    expect(JSON.parse((await desktop.read("settings.json"))!)).toEqual({ theme: "dark" });
    const { plan } = await survey(await laptop.context(), signal);
    expect(plan.leftOut.map(({ path }) => path)).toContain("settings.json");
  });
});

test("a rollback is a commit of its own, and arrives at the others", async () => {
  await using machines = await syncedPair();
  const { laptop, desktop } = machines;
  await laptop.write("AGENTS.md", "worse\n");
  await laptop.remove("prompts/a.md");
  await laptop.run("sync");
  const context = await laptop.context();
  const plan = (): ReturnType<typeof prepareRollback> => prepareRollback(context, 1, signal);
  const title = { kind: "rollback", note: "to #1" } as const;
  const review = (): Promise<boolean> => Promise.resolve(true);
  const outcome = await runOperation(context, title, plan, { review, signal });
  expect(outcome.executed?.published).toBe(3);
  expect(await laptop.read("prompts/a.md")).toBe("a\n");
  await desktop.run("automatic");
  expect(await desktop.read("AGENTS.md")).toContain("three");
  expect((await laptop.run("automatic")).kind).toBe("nothing");
});

test("secrets stop a push, whatever is forced, and automatic sync takes no perhaps", async () => {
  await using machines = await syncedPair();
  const { laptop } = machines;
  const token = `ghp_${"a1B2c3D4e5F6".repeat(3)}`;
  await laptop.write("prompts/deploy.md", `use\nthe ${token}\n`);
  const outcome = await laptop.run("push", { isForced: true });
  expect(outcome).toMatchObject({
    kind: "stopped",
    stop: { reason: "secrets" },
    findings: [{ path: "prompts/deploy.md", line: 2, column: 5, start: "ghp_…" }],
  });
  const names = await readdir(machines.storage, { recursive: true });
  expect(names.filter((name) => /log\/\d/.test(name))).toHaveLength(1);
});

test("what is encrypted shows no name and no content, and another key stops before anything", async () => {
  const key = "AGE-SECRET-KEY-1GQ9778VQXMMJVE8SK7J6VT8UJ4HDQAJUVSFCWCM02D8GEWQ72PVQ2Y5J33";
  await using machines = await syncedPair({ encryptionKey: key });
  const { desktop, storage } = machines;
  expect(await desktop.read("AGENTS.md")).toContain("three");
  for (const name of await readdir(storage, { recursive: true })) {
    const path = join(storage, name);
    if (!(await stat(path)).isFile()) continue;
    expect(await Bun.file(path).text()).not.toMatch(/AGENTS|prompts|three/);
  }
  await writeFile(
    join(desktop.env["HOME"]!, ".config/pi-opensync/config.json"),
    JSON.stringify({ settings: { endpoint: storage } }),
  );
  expect(desktop.run("sync")).rejects.toThrow(/encrypted/);
});

test("a key that one machine keeps for itself stays what it is on all of them", async () => {
  await using machines = await syncedPair();
  const { laptop, desktop, storage } = machines;
  await writeFile(
    join(desktop.env["HOME"]!, ".config/pi-opensync/config.json"),
    JSON.stringify({ settings: { endpoint: storage, localKeys: ["theme"] } }),
  );
  await desktop.write("settings.json", '{"theme": "mine", "a": 1}');
  await desktop.run("automatic");
  await laptop.run("automatic");
  expect(JSON.parse((await laptop.read("settings.json"))!)).toMatchObject({ theme: "dark", a: 1 });
  await laptop.write("settings.json", '{"theme": "light", "a": 2}');
  await laptop.run("automatic");
  await desktop.run("automatic");
  expect(JSON.parse((await desktop.read("settings.json"))!)).toEqual({ theme: "mine", a: 2 });
  expect((await desktop.run("automatic")).kind).toBe("nothing");
  expect((await laptop.run("automatic")).kind).toBe("nothing");
});

test("what a link is in the way of is left, and the rest comes", async () => {
  await using machines = await syncedPair();
  const { laptop, desktop } = machines;
  await desktop.remove("skills/tide");
  await desktop.write("skills/.real/run.sh", "#!/bin/sh\n", 0o755);
  await symlink(".real", join(desktop.agentDir, "skills/tide"));
  await laptop.write("skills/tide/run.sh", "#!/bin/sh\necho\n", 0o755);
  await laptop.write("prompts/a.md", "new\n");
  await laptop.run("automatic");
  const outcome = await desktop.run("sync");
  expect(outcome.proposal.blocked).toEqual([
    { path: "skills/tide/run.sh", reason: expect.stringContaining("symbolic link") },
  ]);
  expect(await desktop.read("prompts/a.md")).toBe("new\n");
  expect(await desktop.read("skills/.real/run.sh")).toBe("#!/bin/sh\n");
});
