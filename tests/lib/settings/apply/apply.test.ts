import { describe, expect, test } from "bun:test";
import { mkdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { applyChanges } from "../../../../lib/settings/apply/apply.ts";
import type { FileChange } from "../../../../lib/settings/apply/place.ts";
import { recoverApply } from "../../../../lib/settings/apply/recover.ts";
import { withFileLock } from "../../../../lib/platform/file-lock.ts";
import { systemClock } from "../../../../lib/platform/clock.ts";
import { applyHome, fullScenario, listTree } from "./support.ts";
import type { ApplyHome } from "./support.ts";

/** Does something right before the first step that the words name. */
function before(home: ApplyHome, words: string, work: () => void): ApplyHome["place"] {
  let isDone = false;
  const onStep = (step: string): void => {
    if (isDone || !step.includes(words)) return;
    isDone = true;
    work();
  };
  return { ...home.place, onStep };
}

/** Writes at once, as a step can't wait. */
function writeNow(home: ApplyHome, path: string, content: string): void {
  const { exitCode } = Bun.spawnSync(["tee", join(home.place.agentDir, path)], {
    stdin: Buffer.from(content),
  });
  expect(exitCode).toBe(0);
}

/** Fails at the first change that the journal has decided. */
async function stopAfterDecision(home: ApplyHome, changes: FileChange[]): Promise<void> {
  let isDecided = false;
  const onStep = (step: string): void => {
    isDecided ||= step.startsWith("rename") && !step.includes("apply.json");
    if (isDecided) throw new Error("as if killed");
  };
  const error = await applyChanges({ ...home.place, onStep }, changes).catch(String);
  expect(error).toContain("as if killed");
}

describe("changes", () => {
  test("are all made, with permissions, and folders that they empty go", async () => {
    await using home = await applyHome();
    const changes = await fullScenario(home);
    const applied = await applyChanges(home.place, changes);
    expect(await listTree(home.place.agentDir)).toEqual([
      "600 AGENTS.md: new agents",
      "extensions/",
      "755 extensions/tool.sh: #!/bin/sh",
      "prompts/",
      "644 prompts/kept.md: kept",
      '600 settings.json: {\n  "theme": "light",\n  "shellPath": "/bin/zsh",\n  "quietStartup": true\n}\n',
      "skills/",
      "skills/new/",
      "skills/new/deep/",
      "644 skills/new/deep/SKILL.md: a skill",
      "755 skills/new/run.sh: #!/bin/sh\nexit",
    ]);
    expect(applied).toMatchObject({
      written: [
        "AGENTS.md",
        "skills/new/deep/SKILL.md",
        "skills/new/run.sh",
        "extensions/tool.sh",
        "settings.json",
      ],
      deleted: ["prompts/old/deep/a.md"],
      skipped: [],
    });
  });

  test("leave the former contents in a private backup, and nothing else", async () => {
    await using home = await applyHome();
    const { backupDir = "" } = await applyChanges(home.place, await fullScenario(home));
    expect(await listTree(backupDir)).toEqual([
      "600 AGENTS.md: old agents",
      "prompts/",
      "prompts/old/",
      "prompts/old/deep/",
      "600 prompts/old/deep/a.md: gone",
      '600 settings.json: { "theme": "dark", "shellPath": "/bin/zsh" }\n',
    ]);
    expect((await stat(backupDir)).mode & 0o777).toBe(0o700);
    const state = await listTree(home.place.stateDir);
    expect(state.filter((line) => !line.includes("backups/"))).toEqual([]);
  });

  test("of new files alone need no backup", async () => {
    await using home = await applyHome();
    const applied = await applyChanges(home.place, [await home.change("themes/a.json", "{}")]);
    expect(applied).toEqual({ written: ["themes/a.json"], deleted: [], skipped: [] });
    expect(await listTree(home.place.stateDir)).toEqual([]);
  });

  test("make the agent directory, for its owner alone", async () => {
    await using home = await applyHome();
    await rm(home.place.agentDir, { recursive: true });
    const changes = [
      await home.change("settings.json", '{"theme":"dark"}'),
      await home.change("AGENTS.md", "x"),
    ];
    expect((await applyChanges(home.place, changes)).skipped).toEqual([]);
    expect((await stat(home.place.agentDir)).mode & 0o777).toBe(0o700);
    expect((await stat(join(home.place.agentDir, "settings.json"))).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await home.read("settings.json"))).toEqual({ theme: "dark" });
  });

  test("that are there already touch nothing", async () => {
    await using home = await applyHome({ "AGENTS.md": "same", "settings.json": '{"a":1}' });
    const time = new Date(1_000_000_000_000);
    for (const path of ["AGENTS.md", "settings.json"]) {
      await utimes(join(home.place.agentDir, path), time, time);
    }
    const changes = [
      { ...(await home.change("AGENTS.md", "same")), before: undefined },
      await home.change("settings.json", '{"a":1}'),
      await home.change("themes/no.json"),
    ];
    const applied = await applyChanges(home.place, changes);
    expect(applied).toEqual({
      written: ["AGENTS.md", "settings.json"],
      deleted: ["themes/no.json"],
      skipped: [],
    });
    expect((await stat(join(home.place.agentDir, "AGENTS.md"))).mtime).toEqual(time);
    expect((await stat(join(home.place.agentDir, "settings.json"))).mtime).toEqual(time);
  });

  test("go through an agent directory that is a link", async () => {
    await using home = await applyHome({ "AGENTS.md": "old" });
    const link = join(home.path, "link");
    await symlink(home.place.agentDir, link);
    const change = await home.change("AGENTS.md", "new");
    await applyChanges({ ...home.place, agentDir: link }, [change]);
    expect(await home.read("AGENTS.md")).toBe("new");
  });

  test("of the executable bit alone keep what the file allows otherwise, and its content", async () => {
    await using home = await applyHome();
    await home.write("extensions/a.sh", "x", 0o640);
    await home.write("extensions/b.sh", "x", 0o755);
    const { ino } = await stat(join(home.place.agentDir, "extensions/a.sh"));
    await applyChanges(home.place, [
      await home.change("extensions/a.sh", "x", true),
      await home.change("extensions/b.sh", "x", false),
    ]);
    expect(await listTree(home.place.agentDir)).toEqual([
      "extensions/",
      "750 extensions/a.sh: x",
      "644 extensions/b.sh: x",
    ]);
    expect((await stat(join(home.place.agentDir, "extensions/a.sh"))).ino).toBe(ino);
  });

  test("keep permissions that the umask would not give", async () => {
    await using home = await applyHome();
    await home.write("AGENTS.md", "old", 0o666);
    await applyChanges(home.place, [await home.change("AGENTS.md", "new")]);
    expect(await listTree(home.place.agentDir)).toEqual(["666 AGENTS.md: new"]);
  });

  test("pass over the executable bit where there is none", async () => {
    await using home = await applyHome({ "extensions/a.sh": "x" });
    const place = { ...home.place, hasModes: false };
    const { before: state } = await home.change("extensions/a.sh");
    const asStored = { ...state!, isExecutable: true };
    const change = { ...(await home.change("extensions/a.sh", "y", true)), before: asStored };
    expect((await applyChanges(place, [change])).written).toEqual(["extensions/a.sh"]);
    expect(await listTree(home.place.agentDir)).toEqual(["extensions/", "644 extensions/a.sh: y"]);
  });

  test("write a copy of a conflict", async () => {
    await using home = await applyHome();
    const path = "skills/a.md.conflict-2026-08-01-laptop";
    await applyChanges(home.place, [await home.change(path, "theirs")]);
    expect(await home.read(path)).toBe("theirs");
  });
});

describe("nothing at all is written", () => {
  /** Applies a change beside a harmless one. */
  async function refuse(home: ApplyHome, ...changes: FileChange[]): Promise<string> {
    const tree = await listTree(home.place.agentDir);
    const harmless = await home.change("AGENTS.md", "new");
    const error = await applyChanges(home.place, [harmless, ...changes]).then(
      () => expect.unreachable("it was not refused"),
      (error: unknown) => error,
    );
    expect(error).toMatchObject({ code: "refused" });
    expect(await listTree(home.place.agentDir)).toEqual(tree);
    expect(await listTree(home.place.stateDir)).toEqual([]);
    return (error as Error).message;
  }
  const after = { content: Buffer.from("x"), isExecutable: false };

  test.each([
    "../out.md",
    "/etc/out.md",
    "skills/../../out.md",
    "skills//a.md",
    "skills\\a.md",
    "auth.json",
    "auth.json.conflict-2026-01-01-x",
    ".git/hooks/pre-commit",
    "skills/a\u001b[2J.md",
    "",
  ])("where a path is %j", async (path) => {
    await using home = await applyHome();
    const message = await refuse(home, { path, before: undefined, after });
    expect(message).not.toContain("\u001b");
  });

  test("where the file, or a folder above it, is a link, and the message names all", async () => {
    await using home = await applyHome({ "real/a.md": "a" });
    const { agentDir } = home.place;
    await mkdir(join(home.path, "outside"));
    await symlink(join(home.path, "outside"), join(agentDir, "skills"));
    await symlink(join(agentDir, "real"), join(agentDir, "themes"));
    await symlink(join(agentDir, "real/a.md"), join(agentDir, "settings.json"));
    const changes = ["skills/a.md", "themes/b.json", "settings.json"].map((path) => ({
      path,
      before: undefined,
      after: { ...after, content: Buffer.from("{}") },
    }));
    const message = await refuse(home, ...changes);
    expect(message).toContain("skills/a.md: skills is a symbolic link");
    expect(message).toContain("themes/b.json: themes is a symbolic link");
    expect(message).toContain("settings.json: it is a symbolic link");
    expect(await listTree(join(home.path, "outside"))).toEqual([]);
  });

  test("where a folder is in the way, or a file where a folder must be", async () => {
    await using home = await applyHome({ "skills/a.md/b.md": "b", "themes/c": "c" });
    const message = await refuse(
      home,
      { path: "skills/a.md", before: undefined, after },
      { path: "themes/c/d.json", before: undefined, after },
    );
    expect(message).toContain("skills/a.md: it is a folder");
    expect(message).toContain("themes/c/d.json: themes/c is not a folder");
  });

  test("where one path is to become a file and a folder", async () => {
    await using home = await applyHome();
    const message = await refuse(
      home,
      { path: "skills/a", before: undefined, after },
      { path: "skills/a/b.md", before: undefined, after },
    );
    expect(message).toContain("skills/a/b.md: skills/a is to become a file");
  });

  test("where new settings are no JSON object, and they are not quoted", async () => {
    await using home = await applyHome();
    const content = Buffer.from('{"apiKey": "sk-quoted", ]');
    const message = await refuse(home, {
      path: "settings.json",
      before: undefined,
      after: { ...after, content },
    });
    expect(message).toContain("settings.json is not valid JSON");
    expect(message).not.toContain("sk-quoted");
  });

  test("where staging fails, and what was staged goes", async () => {
    await using home = await applyHome({ "AGENTS.md": "old" });
    const place = before(home, "fill", () => {
      throw new Error("no space left");
    });
    const tree = await listTree(place.agentDir);
    const changes = [await home.change("AGENTS.md", "new"), await home.change("skills/x/a", "a")];
    const error = await applyChanges(place, changes).catch(String);
    expect(error).toContain("Nothing was changed");
    expect(await listTree(place.agentDir)).toEqual(tree);
    expect(await listTree(place.stateDir)).toEqual([]);
  });
});

describe("what somebody changed", () => {
  test("since it was looked at is skipped", async () => {
    await using home = await applyHome({
      "AGENTS.md": "old",
      "skills/a.md": "a",
      "skills/b.md": "b",
    });
    const changes = [
      await home.change("AGENTS.md", "theirs"),
      await home.change("skills/a.md"),
      await home.change("skills/b.md", "b2"),
      await home.change("skills/new.md", "theirs"),
    ];
    await home.write("AGENTS.md", "mine");
    await home.write("skills/a.md", "mine");
    await home.write("skills/new.md", "mine");
    const { written, deleted, skipped } = await applyChanges(home.place, changes);
    const reason = "changed meanwhile";
    expect([written, deleted]).toEqual([["skills/b.md"], []]);
    expect(skipped).toEqual(
      ["AGENTS.md", "skills/a.md", "skills/new.md"].map((path) => ({ path, reason })),
    );
    expect(await home.read("AGENTS.md")).toBe("mine");
  });

  test("after the check stays, and the new content is put aside", async () => {
    await using home = await applyHome({ "AGENTS.md": "old" });
    const place = before(home, "rename", () => writeNow(home, "AGENTS.md", "mine"));
    const applied = await applyChanges(place, [await home.change("AGENTS.md", "theirs")]);
    expect(applied.skipped).toEqual([{ path: "AGENTS.md", reason: "changed meanwhile" }]);
    expect(await listTree(home.place.agentDir)).toEqual(["644 AGENTS.md: mine"]);
    expect(await readFile(join(applied.backupDir!, ".not-written/AGENTS.md"), "utf8")).toBe(
      "theirs",
    );
  });

  test("into a link after the check is not written through", async () => {
    await using home = await applyHome({ "AGENTS.md": "old" });
    const outside = join(home.path, "outside");
    await writeFile(outside, "old");
    const target = join(home.place.agentDir, "AGENTS.md");
    const place = before(home, "apply.json.tmp", () => {
      Bun.spawnSync(["ln", "-sf", outside, target]);
    });
    const applied = await applyChanges(place, [await home.change("AGENTS.md", "theirs")]);
    expect(applied.skipped).toEqual([{ path: "AGENTS.md", reason: "it is a symbolic link" }]);
    expect(await readFile(outside, "utf8")).toBe("old");
  });

  test("after a kill stays when that is finished", async () => {
    await using home = await applyHome({ "AGENTS.md": "old", "skills/a.md": "a" });
    const changes = [await home.change("AGENTS.md", "new"), await home.change("skills/a.md")];
    await stopAfterDecision(home, changes);
    await home.write("AGENTS.md", "mine");
    const recovered = await recoverApply(home.place);
    expect(recovered).toMatchObject({
      written: [],
      deleted: ["skills/a.md"],
      skipped: [{ path: "AGENTS.md", reason: "changed meanwhile" }],
    });
    expect(await home.read("AGENTS.md")).toBe("mine");
  });

  test("of a new content that waits is not taken for it, and no folder stays for it", async () => {
    await using home = await applyHome({ "skills/a.md": "a" });
    let journals = 0;
    const onStep = (step: string): void => {
      if (!step.startsWith("rename") || ++journals !== 2) return;
      const { agentDir } = home.place;
      for (const path of new Bun.Glob("**/*.tmp").scanSync({ cwd: agentDir, dot: true })) {
        writeNow(home, path, "not ours");
      }
    };
    const changes = [
      await home.change("skills/a.md", "b"),
      await home.change("themes/x/y.json", "y"),
    ];
    const applied = await applyChanges({ ...home.place, onStep }, changes);
    const reason = "its new content was removed meanwhile";
    expect(applied.skipped).toEqual(changes.map(({ path }) => ({ path, reason })));
    expect(await listTree(home.place.agentDir)).toEqual(["skills/", "644 skills/a.md: a"]);
  });

  test("after a kill is nothing any more, where the agent directory is gone", async () => {
    await using home = await applyHome();
    await stopAfterDecision(home, await fullScenario(home));
    await rm(home.place.agentDir, { recursive: true });
    expect((await recoverApply(home.place))?.written).toEqual([]);
    expect(await recoverApply(home.place)).toBeUndefined();
  });

  test("in a folder that a deletion would empty keeps the folder", async () => {
    await using home = await applyHome({ "skills/a/x.md": "x", "skills/a/y.md": "y" });
    await applyChanges(home.place, [await home.change("skills/a/x.md")]);
    expect(await listTree(home.place.agentDir)).toEqual([
      "skills/",
      "skills/a/",
      "644 skills/a/y.md: y",
    ]);
  });
});

describe("settings.json", () => {
  test("keeps what pi changed of this machine's keys meanwhile", async () => {
    await using home = await applyHome({ "settings.json": '{"theme":"dark"}' });
    const change = await home.change("settings.json", '{"theme":"light"}');
    const place = before(home, "rename", () =>
      writeNow(home, "settings.json", '{"theme":"dark","lastChangelogVersion":"9"}'),
    );
    expect((await applyChanges(place, [change])).skipped).toEqual([]);
    const settings: unknown = JSON.parse(await home.read("settings.json"));
    expect(settings).toEqual({ theme: "light", lastChangelogVersion: "9" });
  });

  test("that pi changed otherwise is skipped", async () => {
    await using home = await applyHome({ "settings.json": '{"theme":"dark"}' });
    const change = await home.change("settings.json", '{"theme":"light"}');
    const place = before(home, "rename", () => writeNow(home, "settings.json", '{"theme":"x"}'));
    expect((await applyChanges(place, [change])).skipped).toEqual([
      { path: "settings.json", reason: "changed meanwhile" },
    ]);
    expect(await home.read("settings.json")).toBe('{"theme":"x"}');
  });

  test("is skipped, and not the others, where pi holds its lock or it can't be parsed", async () => {
    await using home = await applyHome({ "settings.json": '{"theme":"dark"}' });
    const change = await home.change("settings.json", '{"theme":"light"}');
    const held = await withFileLock(
      join(home.place.agentDir, "settings.json"),
      systemClock,
      async () => {
        // A clock that runs ahead would take the lock for a stale one, so it stands.
        const later = new Date(Date.now() + 60_000);
        await utimes(join(home.place.agentDir, "settings.json.lock"), later, later);
        return applyChanges(home.place, [change, await home.change("AGENTS.md", "a")]);
      },
    );
    expect(held.written).toEqual(["AGENTS.md"]);
    expect(held.skipped[0]?.reason).toContain("is in use by another program");
    await rm(join(home.place.agentDir, "settings.json.lock"), { recursive: true });
    await home.write("settings.json", "{ broken");
    const broken = await applyChanges(home.place, [change]);
    expect(broken.skipped[0]?.reason).toContain("not valid JSON");
    expect(await listTree(home.place.agentDir)).toEqual([
      "644 AGENTS.md: a",
      "644 settings.json: { broken",
    ]);
  });

  test("of which the shared part goes keeps this machine's", async () => {
    await using home = await applyHome({
      "settings.json": '{"theme":"dark","shellPath":"/bin/sh"}',
    });
    const applied = await applyChanges(home.place, [await home.change("settings.json")]);
    expect(applied.deleted).toEqual(["settings.json"]);
    expect(JSON.parse(await home.read("settings.json"))).toEqual({ shellPath: "/bin/sh" });
  });
});

describe("a journal", () => {
  test.each(["", "{", '{"version":2}', '{"version":1,"phase":"finishing","agentDir":"/x"}'])(
    "that holds %j stops, says where it is, and stays",
    async (text) => {
      await using home = await applyHome();
      const path = join(home.place.stateDir, "apply.json");
      await mkdir(home.place.stateDir);
      await writeFile(path, text);
      const change = await home.change("AGENTS.md", "a");
      const error = await applyChanges(home.place, [change]).catch((error: unknown) => error);
      expect(error).toMatchObject({ code: "io", message: expect.stringContaining(path) });
      expect(await readFile(path, "utf8")).toBe(text);
      expect(await listTree(home.place.agentDir)).toEqual([]);
    },
  );

  test("that names a path outside is not followed", async () => {
    await using home = await applyHome();
    const victim = join(home.path, "victim");
    await writeFile(victim, "v");
    await mkdir(home.place.stateDir);
    const step = { kind: "delete", path: "../victim", random: "0123456789ab", mode: 0 };
    const journal = {
      version: 1,
      phase: "finishing",
      agentDir: home.place.agentDir,
      backup: "2026-01-01T00-00-00Z-01234567",
      folders: [],
      steps: [step],
    };
    await writeFile(join(home.place.stateDir, "apply.json"), JSON.stringify(journal));
    expect(await recoverApply(home.place).catch(String)).toContain("can't be read");
    expect(await readFile(victim, "utf8")).toBe("v");
  });
});
