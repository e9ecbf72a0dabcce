/** `settings` of the compiled binary, without a terminal: two machines on one folder. */

import { describe, expect, test } from "bun:test";
import { readFile, rm, stat } from "node:fs/promises";

import { settingsCommandNames } from "../../lib/settings/commands/table.ts";
import { startCli } from "../support/cli.ts";
import { commandHome } from "../support/command-home.ts";
import { readTree, settingsHomes } from "../support/settings-homes.ts";
import type { SettingsHome } from "../support/settings-homes.ts";

/** Runs a command of settings, which has to come out as said. */
async function settings(home: SettingsHome, line: string, exitCode = 0): Promise<string> {
  const result = await home.run(["settings", ...line.split(" ").filter(Boolean)]);
  expect({ line, ...result }).toMatchObject({ line, exitCode });
  return result.stdout + result.stderr;
}

describe("two machines", () => {
  test("the second gets what the first has, and neither what is of one machine", async () => {
    await using homes = await settingsHomes();
    const { laptop, desk } = homes;
    await laptop.write("settings.json", '{"theme":"dark","lastChangelogVersion":"0.73.1"}');
    await laptop.write("skills/count/count.sh", "#!/bin/sh\nwc\n", 0o755);
    await laptop.write("auth.json", '{"anthropic":{"key":"sk-ant-secret"}}');
    const sent = await settings(laptop, "sync --yes");
    expect(sent).toContain("skills/count/count.sh  added in the storage");
    expect(sent).toContain("Stored as #1.");
    expect(await settings(desk, "")).toContain("↓ settings.json          new in the storage");
    expect(await settings(desk, "sync -y")).toContain("Where pi runs, /reload");
    const tree = await desk.tree();
    expect(Object.keys(tree)).toEqual(["settings.json", "skills/count/count.sh*"]);
    expect(JSON.parse(tree["settings.json"]!)).toEqual({ theme: "dark" });
    expect(await settings(desk, "status")).toContain("have the same settings.");
    expect(await settings(laptop, "sync --yes")).toContain("have the same settings.");
  });

  test("what both change goes together", async () => {
    await using homes = await settingsHomes({ isStored: true });
    const { laptop, desk } = homes;
    await laptop.write("settings.json", '{"theme":"light"}');
    await laptop.write("prompts/new.md", "New.\n");
    await settings(laptop, "sync -y");
    await desk.write("settings.json", '{"theme":"dark","defaultModel":"m"}');
    await rm(`${desk.agentDir}/prompts/review.md`);
    expect(await settings(desk, "sync -y")).toContain("↕ settings.json      merged on both sides");
    await settings(laptop, "sync -y");
    expect(await desk.tree()).toEqual(await laptop.tree());
    const tree = await laptop.tree();
    expect(Object.keys(tree)).toEqual(["AGENTS.md", "prompts/new.md", "settings.json"]);
    expect(JSON.parse(tree["settings.json"]!)).toEqual({ theme: "light", defaultModel: "m" });
  });

  test("a conflict keeps both versions, until somebody decides", async () => {
    await using homes = await settingsHomes({ isStored: true });
    const { laptop, desk } = homes;
    await laptop.write("AGENTS.md", "Be very brief.\n");
    await settings(laptop, "sync -y");
    await desk.write("AGENTS.md", "Be long.\n");
    const told = await settings(desk, "sync -y", 6);
    expect(told).toContain("! AGENTS.md  conflict: line 1 here, line 1 there");
    expect(told).toContain("'pi-opensync settings resolve'");
    const copy = Object.keys(await desk.tree()).find((path) => path.includes("conflict")) ?? "";
    expect(copy).toMatch(/^AGENTS\.md\.conflict-\d{8}-\d{6}-laptop$/);
    expect(await desk.read(copy)).toBe("Be very brief.\n");
    expect(await desk.read("AGENTS.md")).toBe("Be long.\n");
    await settings(desk, "status", 6);
    await settings(desk, "resolve AGENTS.md", 2);
    await settings(desk, "resolve settings.json mine", 2);
    await settings(desk, "resolve AGENTS.md mine");
    expect(Object.keys(await desk.tree())).not.toContain(copy);
    await settings(desk, "sync -y");
    await settings(laptop, "sync -y");
    expect(await laptop.read("AGENTS.md")).toBe("Be long.\n");
  });

  test("'theirs' takes the storage's version and backs up this machine's", async () => {
    await using homes = await settingsHomes({ isStored: true });
    const { laptop, desk } = homes;
    await laptop.write("AGENTS.md", "Be very brief.\n");
    await settings(laptop, "sync -y");
    await desk.write("AGENTS.md", "Be long.\n");
    await settings(desk, "sync -y", 6);
    await settings(desk, "resolve AGENTS.md theirs");
    expect(await desk.tree()).toEqual(await laptop.tree());
    const state = await readTree(`${desk.path}/.local/state/pi-opensync`);
    expect(Object.entries(state).find(([path]) => path.endsWith("/AGENTS.md"))?.[1]).toBe(
      "Be long.\n",
    );
  });

  test("first sync of two that differ: the person chooses", async () => {
    await using homes = await settingsHomes();
    const { laptop, desk } = homes;
    await laptop.write("settings.json", '{"theme":"dark"}');
    await settings(laptop, "sync -y");
    await desk.write("settings.json", '{"theme":"light"}');
    await desk.write("AGENTS.md", "Mine.\n");
    const before = await desk.tree();
    expect(await settings(desk, "sync -y", 6)).toContain("'pi-opensync settings pull' takes");
    expect(await desk.tree()).toEqual(before);
    const pulled = await settings(desk, "pull -y");
    expect(pulled).toContain("What was replaced is in ~/.local/state/");
    expect(JSON.parse(await desk.read("settings.json"))).toEqual({ theme: "dark" });
    expect(await desk.read("AGENTS.md")).toBe("Mine.\n");
  });

  test("a rollback goes back on all machines, and can be taken back", async () => {
    await using homes = await settingsHomes({ isStored: true });
    const { laptop, desk } = homes;
    await laptop.write("AGENTS.md", "Worse.\n");
    await settings(laptop, "sync -y");
    expect(await settings(laptop, "history")).toMatch(/^#2 .* laptop {2}sync {2}AGENTS\.md\n#1 /);
    await settings(laptop, "rollback 1 --yes");
    await settings(desk, "sync -y");
    expect(await desk.read("AGENTS.md")).toBe("Be brief.\n");
    await settings(desk, "rollback #2 -y");
    expect(await desk.read("AGENTS.md")).toBe("Worse.\n");
    await settings(desk, "rollback 99 -y", 1);
    await settings(desk, "rollback", 2);
    await settings(desk, "rollback yesterday", 2);
  });

  test("a machine that lost its files gets them back, and empties nobody", async () => {
    await using homes = await settingsHomes({ isStored: true });
    const { laptop, desk } = homes;
    const before = await laptop.tree();
    await rm(desk.agentDir, { recursive: true });
    expect(await settings(desk, "status", 6)).toContain("This machine has lost its files");
    await settings(desk, "sync -y");
    expect(await desk.tree()).toEqual(before);
    await settings(laptop, "sync -y");
    expect(await laptop.tree()).toEqual(before);
  });

  test("a storage that is empty again is filled on demand", async () => {
    await using homes = await settingsHomes({ isStored: true });
    const { laptop, desk, storage } = homes;
    await desk.write("AGENTS.md", "Be long.\n");
    await settings(desk, "sync -y");
    await rm(storage, { recursive: true });
    expect(await settings(laptop, "status", 6)).toContain("The storage is empty, though");
    await settings(laptop, "push -y");
    expect(await settings(desk, "status", 6)).toContain("is not the one that this machine");
    expect(await settings(desk, "sync -y", 6)).toContain("both have settings already");
    await settings(desk, "push -y");
    await settings(laptop, "sync -y");
    expect(await laptop.tree()).toEqual(await desk.tree());
  });
});

test.each(["sync", "push", "pull", "rollback 1"])("%s --dry-run changes nothing", async (line) => {
  await using homes = await settingsHomes({ isStored: true });
  const { laptop, desk } = homes;
  await laptop.write("prompts/a.md", "A.\n");
  await settings(laptop, "sync -y");
  await desk.write("AGENTS.md", "Changed.\n");
  const look = async (): Promise<unknown> => [await desk.tree(), await homes.stored()];
  const before = await look();
  expect(await settings(desk, `${line} --dry-run`)).toMatch(/ would do this:\n[↑↓↕] /);
  expect(await settings(desk, `${line} --dry-run --yes --json`)).toContain('"outcome":"planned"');
  expect(await look()).toEqual(before);
});

describe("from cron", () => {
  test("needs --yes, and does nothing without", async () => {
    await using homes = await settingsHomes();
    await homes.laptop.write("AGENTS.md", "Be brief.\n");
    expect(await settings(homes.laptop, "sync", 2)).toContain("--yes goes on without asking");
    expect(await homes.stored()).toEqual({});
    await settings(homes.laptop, "sync --yes --quiet");
  });

  test("many deletions need --force", async () => {
    await using homes = await settingsHomes({ isStored: true });
    const { laptop } = homes;
    await rm(`${laptop.agentDir}/AGENTS.md`);
    await rm(`${laptop.agentDir}/prompts`, { recursive: true });
    const before = await homes.stored();
    const told = await settings(laptop, "sync --yes", 1);
    expect(told).toContain("2 of 3 files are deleted in the storage, and so on all machines!");
    expect(told).toContain("add --force");
    expect(await homes.stored()).toEqual(before);
    await settings(laptop, "sync --yes --force");
    await settings(homes.desk, "sync --yes", 1);
    await settings(homes.desk, "sync --yes --force");
    expect(Object.keys(await homes.desk.tree())).toEqual(["settings.json"]);
  });

  test("secrets stay here, until they are allowed by name", async () => {
    await using homes = await settingsHomes();
    const { laptop } = homes;
    const secret = `ghp_${"a1B2c3D4e5F6".repeat(3)}`;
    await laptop.write("prompts/deploy.md", `Use ${secret} there.\n`);
    const told = await settings(laptop, "sync --yes --force", 6);
    expect(told).toContain("prompts/deploy.md:1:5");
    expect(await settings(laptop, "sync --yes --json", 6)).not.toContain(secret);
    expect(told).not.toContain(secret);
    expect(await homes.stored()).toEqual({});
    const [, finding = ""] = /allow ([0-9a-f]{12})/.exec(told) ?? [];
    await settings(laptop, "allow 000000000000", 2);
    expect(await settings(laptop, "allow", 6)).toContain(finding);
    expect(await settings(laptop, `allow ${finding}`)).toContain("Allowed from now on.");
    await settings(laptop, "sync --yes");
  });
});

describe("--json", () => {
  const lines = ["", "status", "sync --yes", "push -y", "pull -y", "diff", "resolve", "history"];

  test.each([...lines, "allow", "config", "config machine", "init", "unlock", "help"])(
    "'%s' gives one document, and no word beside it",
    async (line) => {
      await using homes = await settingsHomes({ isStored: true });
      await homes.desk.write("prompts/b.md", "B.\n");
      const args = ["settings", ...line.split(" ").filter(Boolean), "--json"];
      const { stdout, stderr, exitCode } = await homes.desk.run(args, {
        env: { PI_SYNC_PROFILE: "default" },
      });
      expect({ stderr, exitCode }).toEqual({
        stderr: "",
        exitCode: line === "config machine" ? 2 : 0,
      });
      expect(stdout.trimEnd().split("\n")).toHaveLength(1);
      expect(JSON.parse(stdout)).toMatchObject({ schemaVersion: 1 });
    },
  );

  test("says what was done to which file", async () => {
    await using homes = await settingsHomes({ isStored: true });
    await homes.laptop.write("prompts/b.md", "B.\n");
    expect(await homes.laptop.json(["settings", "sync", "--yes"])).toMatchObject({
      operation: "sync",
      outcome: "done",
      commit: 2,
      actions: [
        { path: "prompts/b.md", change: "write", version: "local", here: false, storage: true },
      ],
      conflicts: [],
    });
    expect(await homes.desk.json(["settings"])).toMatchObject({
      commit: 2,
      items: [{ path: "prompts/b.md", verdict: "pull", change: "add" }],
    });
  });

  test("an error is a document, too", async () => {
    await using home = await commandHome();
    const { exitCode, stdout, stderr } = await home.run(["settings", "--json"]);
    expect([exitCode, stderr]).toEqual([3, ""]);
    expect(JSON.parse(stdout).error).toMatchObject({ code: "not-configured" });
  });
});

describe("configuration", () => {
  const secret = "s3cr3t-access-key-of-somebody";

  test("init stores a folder that can be used", async () => {
    await using homes = await settingsHomes();
    const { laptop, storage } = homes;
    await laptop.writeConfig({ redact: false });
    expect(await settings(laptop, `init ${storage}`)).toContain("profile default: empty");
    expect(JSON.parse(await readFile(laptop.configFile, "utf8"))).toEqual({
      redact: false,
      settings: { endpoint: storage },
    });
    await settings(laptop, "init nowhere/at/all", 2);
    await laptop.writeConfig({});
    expect(await settings(laptop, "init", 2)).toContain("pi-opensync settings init file:///");
  });

  test("a secret comes from a pipe, and is never shown", async () => {
    await using home = await commandHome();
    const set = (args: string[], stdin = ""): ReturnType<typeof home.run> =>
      home.run(["settings", "config", "secretAccessKey", ...args], { stdin });
    const piped = await set([], `${secret}\n`);
    expect(piped).toMatchObject({ exitCode: 0, stderr: "" });
    expect(piped.stdout).toContain("secretAccessKey  …body");
    const { settings: stored } = JSON.parse(await readFile(home.configFile, "utf8"));
    expect(stored).toEqual({ secretAccessKey: secret });
    expect((await stat(home.configFile)).mode & 0o777).toBe(0o600);

    const typed = await set([secret]);
    expect([typed.exitCode, (await set([])).exitCode]).toEqual([2, 2]);
    const shown = await home.run(["settings", "config"]);
    const asJson = await home.run(["settings", "config", "--json"]);
    const told = JSON.stringify([piped, typed, shown, asJson]);
    expect(told).not.toContain(secret);

    expect((await set(["$R2_SECRET"])).stdout).toContain("$R2_SECRET");
    await set([""]);
    expect(JSON.parse(await readFile(home.configFile, "utf8"))).toEqual({});
  });

  test("of a storage that can't be reached, no error holds a key", async () => {
    await using home = await commandHome();
    const env = {
      PI_SYNC_ENDPOINT: "http://127.0.0.1:9",
      PI_SYNC_BUCKET: "pi-settings",
      PI_SYNC_ACCESS_KEY_ID: "AKIDOFSOMEBODY",
      PI_SYNC_SECRET_ACCESS_KEY: secret,
    };
    const lines = [["status"], ["status", "--json"], ["push", "--yes", "--verbose"]];
    for (const result of await Promise.all(
      lines.map((line) => home.run(["settings", ...line], { env })),
    )) {
      expect(result.exitCode).toBe(5);
      expect(result.stdout + result.stderr).not.toContain(secret);
      expect(result.stdout + result.stderr).not.toContain("AKIDOFSOMEBODY");
    }
  });
});

describe("words and flags", () => {
  test.each([
    [["snyc"], "Did you mean 'sync'?"],
    [["status", "now"], 'does not take "now"'],
    [["help", "sync"], 'does not take "sync"'],
    [["diff", "a", "b"], 'does not take "b"'],
    [["resolve", "a", "mine", "c"], "does not take 'c'"],
    [["status", "--force"], "It goes with push, pull, sync, rollback."],
    [["diff", "--dry-run"], "--dry-run does not go with 'diff'"],
    [["sync", "--stale"], "It goes with unlock."],
    [["config", "them", "dark"], "there is no field 'them'"],
    [["config", "autoSync", "maybe"], "must be true or false"],
  ])("%p is wrong", async (line, message) => {
    await using homes = await settingsHomes();
    const { exitCode, stdout, stderr } = await homes.laptop.run(["settings", ...line]);
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
  });

  test("the help begins with examples, and names every command", async () => {
    await using home = await commandHome();
    const { stdout } = await home.run(["settings", "--help"]);
    expect(stdout.split("\n").slice(2, 4)).toEqual([
      "Examples",
      expect.stringContaining("pi-opensync settings init"),
    ]);
    const list = (await home.run(["settings", "help"])).stdout;
    expect(stdout).toContain(list);
    const named = list.split("\n").map((line) => line.trim().split(" ")[0]);
    expect(named).toEqual([...settingsCommandNames, ""]);
  });
});

test("Ctrl-C ends it while the storage is waited for", async () => {
  await using stalled = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: () => new Promise<Response>(() => {}),
  });
  await using home = await commandHome();
  for (const [args, told] of [
    [[], "Stopped."],
    [["--json"], ""],
  ] as const) {
    const asked = Promise.withResolvers<void>();
    stalled.reload({
      fetch: () => {
        asked.resolve();
        return new Promise<Response>(() => {});
      },
    });
    const running = startCli(home.path, ["settings", "sync", "--yes", ...args], {
      PI_SYNC_ENDPOINT: stalled.url.href,
      PI_SYNC_BUCKET: "pi-settings",
      PI_SYNC_ACCESS_KEY_ID: "AKIDOFSOMEBODY",
      PI_SYNC_SECRET_ACCESS_KEY: "a-secret",
    });
    await asked.promise;
    running.kill("SIGINT");
    const { exitCode, stdout, stderr } = await running.ended;
    expect(exitCode).toBe(130);
    expect(stderr).toContain(told);
    if (told === "") expect(JSON.parse(stdout).error.code).toBe("cancelled");
  }
});

test("uninstall names the backups that it deletes, and what stays in the storage", async () => {
  await using homes = await settingsHomes({ isStored: true });
  const { laptop, storage } = homes;
  await laptop.write("AGENTS.md", "Worse.\n");
  await settings(laptop, "rollback 1 --yes");
  const stored = await homes.stored();
  const tree = await laptop.tree();
  const kept = await laptop.json(["uninstall", "--yes"]);
  expect(kept).toMatchObject({ deleted: [], backups: [] });
  const { backups, stays } = await laptop.json(["uninstall", "--yes", "--purge"]);
  expect(backups).toEqual([
    expect.stringMatching(/\/settings\/[0-9a-f]{16}\/backups\/2\d{3}-\d\d-\d\dT[\w-]+$/),
  ]);
  expect(stays).toEqual([
    `pi's settings stay on this machine, and in the storage: ${storage}, pi-sync/profiles/default`,
  ]);
  expect([await homes.stored(), await laptop.tree()]).toEqual([stored, tree]);
});
