/** Machines that do not take the same files, the same keys, or the same permissions. */

import { describe, expect, test } from "bun:test";
import { chmod, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

import { syncedPair } from "../../../support/settings-pair.ts";

describe("a machine that takes a part of the files", () => {
  // Suspicion: the guard against deletions measures them against all that the storage has.
  test("has its deletions measured by its part", async () => {
    const exclude = ["prompts/*", "skills/*"];
    await using machines = await syncedPair();
    const { laptop, desktop, storage } = machines;
    for (let n = 0; n < 20; n++) await laptop.write(`prompts/more-${n}.md`, `${n}\n`);
    await laptop.write("APPEND_SYSTEM.md", "append\n");
    await laptop.run("sync");
    await desktop.run("sync");
    await desktop.configure({ endpoint: storage, exclude });
    await desktop.run("automatic");
    await rm(desktop.agentDir, { recursive: true });
    await desktop.write("settings.json", '{"defaultModel": "m"}');
    expect(await desktop.run("automatic")).toMatchObject({ stop: { reason: "deletions" } });
    expect((await laptop.run("automatic")).kind).toBe("nothing");
  });
});

describe("a machine that keeps keys for itself", () => {
  // Suspicion: the settings that were agreed on are read from the storage, which removes old ones.
  test("syncs also where the storage has removed what was agreed on", async () => {
    await using machines = await syncedPair();
    const { laptop, desktop, storage } = machines;
    await desktop.configure({ endpoint: storage, localKeys: ["theme"] });
    await desktop.write("settings.json", '{"theme": "mine"}');
    await desktop.run("automatic");
    const snapshots = join(storage, "pi-sync/profiles/default/snapshots");
    const old = await readdir(snapshots);
    await laptop.write("settings.json", '{"theme": "dark", "a": 1}');
    for (const name of ["AGENTS.md", "prompts/a.md", "prompts/b.md", "prompts/c.md"])
      await laptop.write(name, `${"new ".repeat(100)}\n`);
    await laptop.run("sync");
    for (const name of old) await rm(join(snapshots, name));
    expect(await desktop.run("automatic")).toMatchObject({ kind: "done" });
    expect(JSON.parse((await desktop.read("settings.json"))!)).toEqual({ theme: "mine", a: 1 });
    expect((await desktop.run("automatic")).kind).toBe("nothing");
  });
});

describe("permissions", () => {
  // Suspicion: settings.json is compared by its executable bit, which nothing ever writes.
  test("of settings.json are nobody else's business", async () => {
    await using machines = await syncedPair();
    const { laptop, desktop } = machines;
    await chmod(join(laptop.agentDir, "settings.json"), 0o755);
    expect((await laptop.run("automatic")).kind).toBe("nothing");
    expect((await desktop.run("automatic")).kind).toBe("nothing");
  });

  // Suspicion: a machine without an executable bit takes it away from all others.
  test("come through a machine that has none", async () => {
    await using machines = await syncedPair();
    const { laptop, desktop } = machines;
    desktop.hasModes = false;
    await chmod(join(desktop.agentDir, "skills/tide/run.sh"), 0o644);
    expect((await desktop.run("automatic")).kind).toBe("nothing");
    await desktop.write("skills/tide/run.sh", "#!/bin/sh\necho\n");
    await desktop.write("prompts/a.md", "new\n");
    await desktop.run("automatic");
    await laptop.run("automatic");
    const run = join(laptop.agentDir, "skills/tide/run.sh");
    expect((await stat(run)).mode & 0o777).toBe(0o755);
    expect(await laptop.read("skills/tide/run.sh")).toBe("#!/bin/sh\necho\n");
    await chmod(run, 0o644);
    await laptop.run("automatic");
    await desktop.run("automatic");
    expect((await laptop.run("automatic")).kind).toBe("nothing");
    expect((await stat(run)).mode & 0o777).toBe(0o644);
  });
});
