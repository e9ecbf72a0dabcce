import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { chmod, mkdir, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { systemClock } from "../../../lib/platform/clock.ts";
import { scanAgentDir } from "../../../lib/settings/scan.ts";
import type { Scan, ScanOptions } from "../../../lib/settings/scan.ts";
import { shareSettings } from "../../../lib/settings/shared-settings.ts";
import { type TempDir, tempDir } from "../../support/temp.ts";
import { withoutRights } from "../../support/without-rights.ts";

const nothing = { include: [], exclude: [] };

function scan(agentDir: string, options: Partial<ScanOptions> = {}): Promise<Scan> {
  return scanAgentDir({
    agentDir,
    selection: nothing,
    localKeys: [],
    clock: systemClock,
    ...options,
  });
}

async function scanPaths(dir: TempDir, options: Partial<ScanOptions> = {}): Promise<string[]> {
  return [...(await scan(dir.path, options)).files.keys()];
}

async function leftOut(dir: TempDir, options: Partial<ScanOptions> = {}): Promise<object> {
  const entries = (await scan(dir.path, options)).leftOut;
  for (const { isThere } of entries) expect(isThere).toBe(true);
  return Object.fromEntries(entries.map(({ path, reason }) => [path, reason]));
}

async function write(dir: TempDir, path: string, content = "x"): Promise<string> {
  const place = join(dir.path, path);
  await mkdir(dirname(place), { recursive: true });
  await writeFile(place, content);
  return place;
}

function hash(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

test("a folder that is not there has no files", async () => {
  await using dir = await tempDir();
  const { files, leftOut } = await scan(join(dir.path, "none"));
  expect(files.size).toBe(0);
  expect(leftOut).toEqual([]);
});

test("a file in place of the agent directory is an error", async () => {
  await using dir = await tempDir();
  const file = await write(dir, "file");
  await expect(scan(file)).rejects.toMatchObject({ code: "io" });
  await expect(scan(join(file, "below"))).rejects.toMatchObject({ code: "io" });
});

test("files are listed with hash, size and executable bit, sorted by path", async () => {
  await using dir = await tempDir();
  await write(dir, "skills/b/x.md", "bx");
  await write(dir, "skills/b.md", "");
  await chmod(await write(dir, "skills/a b/é 👩‍👩‍👧.sh", "#!"), 0o750);
  await write(dir, "AGENTS.md", "hello");
  expect([...(await scan(dir.path)).files]).toEqual([
    ["AGENTS.md", { sha256: hash("hello"), bytes: 5, isExecutable: false }],
    ["skills/a b/é 👩‍👩‍👧.sh", { sha256: hash("#!"), bytes: 2, isExecutable: true }],
    ["skills/b.md", { sha256: hash(""), bytes: 0, isExecutable: false }],
    ["skills/b/x.md", { sha256: hash("bx"), bytes: 2, isExecutable: false }],
  ]);
});

test("one bit of three makes a file executable", async () => {
  await using dir = await tempDir();
  await chmod(await write(dir, "skills/a"), 0o641);
  expect((await scan(dir.path)).files.get("skills/a")?.isExecutable).toBe(true);
});

test("an emptied folder has no files, and nothing is left out", async () => {
  await using dir = await tempDir();
  await write(dir, "skills/a/b.md");
  expect(await scanPaths(dir)).toEqual(["skills/a/b.md"]);
  await rm(join(dir.path, "skills/a/b.md"));
  expect(await scan(dir.path)).toEqual({ files: new Map(), leftOut: [] });
});

test("a folder that is left out is one entry, and what nobody selected is none", async () => {
  await using dir = await tempDir();
  for (const path of ["node_modules/a/b.js", "node_modules/c.js", ".git/config", "i.ts", "big/a"]) {
    await write(dir, `extensions/mine/${path}`);
  }
  for (const path of ["auth.json", "sessions/a.jsonl", "bin/fd", "README.md"])
    await write(dir, path);
  const selection = { include: [], exclude: ["big", "prompts"] };
  await write(dir, "prompts/a.md");
  expect(await scanPaths(dir, { selection })).toEqual(["extensions/mine/i.ts"]);
  expect(await leftOut(dir, { selection })).toEqual({
    "extensions/mine/.git": "the inside of a Git repository",
    "extensions/mine/big": "excluded by your configuration",
    "extensions/mine/node_modules": "a dependency folder",
    prompts: "excluded by your configuration",
  });
});

test("what is included is found at any depth; what is refused says so", async () => {
  await using dir = await tempDir();
  for (const path of ["notes/deep/a.md", "notes/b.md", "auth.json", "sessions/a.jsonl"]) {
    await write(dir, path);
  }
  const include = ["notes/deep/", "auth.json", "sessions", "none.md"];
  expect(await scanPaths(dir, { selection: { include, exclude: [] } })).toEqual([
    "notes/deep/a.md",
  ]);
  expect(await leftOut(dir, { selection: { include, exclude: [] } })).toEqual({
    "auth.json": "holds credentials",
    sessions: "pi's sessions",
  });
});

test("an included path that leads out is not looked for", async () => {
  await using dir = await tempDir();
  await write(dir, "outside.md");
  await mkdir(join(dir.path, "agent"));
  const include = ["../outside.md", join(dir.path, "outside.md")];
  const { files, leftOut } = await scan(join(dir.path, "agent"), {
    selection: { include, exclude: [] },
  });
  expect(files.size).toBe(0);
  const reason = "not a path below the agent directory";
  expect(leftOut).toEqual(include.map((path) => ({ path, reason, isThere: false })));
});

test("names that can't arrive everywhere are left out", async () => {
  await using dir = await tempDir();
  const names = ["new\nline", "aux.md", "end.", "a:b"];
  for (const name of names) await write(dir, `skills/${name}`);
  expect(await scanPaths(dir)).toEqual([]);
  expect(Object.keys(await leftOut(dir)).sort()).toEqual(
    names.map((name) => `skills/${name}`).sort(),
  );
});

test("a name that is not UTF-8 is left out or not seen, and harms nothing", async () => {
  await using dir = await tempDir();
  await write(dir, "skills/a");
  await writeFile(Buffer.concat([Buffer.from(`${dir.path}/skills/`), Buffer.from([0xff])]), "x");
  expect(await scanPaths(dir)).toEqual(["skills/a"]);
});

test("a file in place of a folder is left out, and the reverse", async () => {
  await using dir = await tempDir();
  await write(dir, "skills");
  await write(dir, "models.json/a");
  expect(await leftOut(dir)).toEqual({
    "models.json": "not among what is synced",
    skills: "not among what is synced",
  });
});

test("a pipe is left out and not waited for", async () => {
  await using dir = await tempDir();
  await mkdir(join(dir.path, "skills"));
  expect(Bun.spawnSync(["mkfifo", join(dir.path, "skills/pipe")]).exitCode).toBe(0);
  expect(await leftOut(dir)).toEqual({ "skills/pipe": "neither a file nor a folder" });
});

test("a file of 5 MB is synced, a byte more is not", async () => {
  await using dir = await tempDir();
  const bytes = 5 * 1024 * 1024;
  await truncate(await write(dir, "skills/at", ""), bytes);
  await truncate(await write(dir, "skills/over", ""), bytes + 1);
  const { files } = await scan(dir.path);
  expect([...files]).toEqual([
    ["skills/at", { sha256: hash(new Uint8Array(bytes)), bytes, isExecutable: false }],
  ]);
  expect(await leftOut(dir)).toEqual({ "skills/over": "larger than 5 MB" });
});

test("what may not be read is left out", async () => {
  await using dir = await tempDir();
  await chmod(await write(dir, "skills/a"), 0);
  await chmod(dirname(await write(dir, "skills/b/c")), 0);
  const entries = await withoutRights(dir.path, () => leftOut(dir));
  await chmod(join(dir.path, "skills/b"), 0o700);
  expect(entries).toEqual({ "skills/a": "you may not read it", "skills/b": "you may not read it" });
});

test.skipIf(process.platform !== "linux")("what the system can't read is left out", async () => {
  const { leftOut } = await scan("/proc/self", { selection: { include: ["mem"], exclude: [] } });
  expect(leftOut).toEqual([{ path: "mem", reason: "it can't be read (EIO)", isThere: true }]);
});

describe("a link", () => {
  async function linked(target: string, path = "skills/link"): Promise<TempDir> {
    const dir = await tempDir();
    await write(dir, "outside/a.md", "out");
    for (const below of [
      "own/deep/b.md",
      "auth.json",
      "extensions/node_modules/c.js",
      "skills/d.md",
    ]) {
      await write(dir, `agent/${below}`, below);
    }
    await mkdir(dirname(join(dir.path, "agent", path)), { recursive: true });
    await symlink(target, join(dir.path, "agent", path));
    return {
      ...dir,
      path: join(dir.path, "agent"),
      [Symbol.asyncDispose]: dir[Symbol.asyncDispose],
    };
  }

  test("to a file inside is followed", async () => {
    await using dir = await linked("../own/deep/b.md");
    const { files, leftOut } = await scan(dir.path);
    expect(files.get("skills/link")?.sha256).toBe(hash("own/deep/b.md"));
    expect(leftOut.map(({ path }) => path)).toEqual(["extensions/node_modules"]);
  });

  test("to a folder inside is followed", async () => {
    await using dir = await linked("../own");
    expect(await scanPaths(dir)).toEqual(["skills/d.md", "skills/link/deep/b.md"]);
  });

  test("at the top is followed", async () => {
    await using dir = await linked("own", "themes");
    expect(await scanPaths(dir)).toEqual(["skills/d.md", "themes/deep/b.md"]);
  });

  test("in place of the agent directory is followed", async () => {
    await using dir = await linked("../own");
    await symlink(dir.path, `${dir.path}-link`);
    expect((await scan(`${dir.path}-link`)).files.has("skills/link/deep/b.md")).toBe(true);
  });

  test.each([
    ["../../outside", "a link that leads out of the agent directory"],
    ["../../outside/a.md", "a link that leads out of the agent directory"],
    ["/etc/hostname", "a link that leads out of the agent directory"],
    ["none", "a link that leads nowhere"],
    ["link", "a link that leads to itself"],
    [".", "a link to a folder that it stands in"],
    ["..", "a link to a folder that it stands in"],
    ["../..", "a link to a folder that it stands in"],
    ["../auth.json", "a link to auth.json: holds credentials"],
    [
      "../extensions/node_modules/c.js",
      "a link to extensions/node_modules/c.js: a dependency folder",
    ],
  ])("to %j is left out", async (target, reason) => {
    await using dir = await linked(target);
    expect(await scanPaths(dir)).toEqual(["skills/d.md"]);
    expect(await leftOut(dir)).toMatchObject({ "skills/link": reason });
  });

  test("that leads out over another link is left out", async () => {
    await using dir = await linked("../own/away");
    await symlink("../../outside", join(dir.path, "own/away"));
    expect(await leftOut(dir)).toMatchObject({
      "skills/link": "a link that leads out of the agent directory",
    });
  });

  test("to a sibling that links back ends", async () => {
    await using dir = await linked("../one", "two/back");
    await mkdir(join(dir.path, "one"));
    await symlink("../two", join(dir.path, "one/there"));
    await symlink("../one", join(dir.path, "skills/start"));
    expect(await leftOut(dir)).toMatchObject({
      "skills/start/there/back": "a link to a folder that it stands in",
    });
  });

  test("that is excluded says that", async () => {
    await using dir = await linked("none");
    expect(await leftOut(dir, { selection: { include: [], exclude: ["link"] } })).toMatchObject({
      "skills/link": "excluded by your configuration",
    });
  });
});

test("folders that link to each other many times over are refused, not searched for ever", async () => {
  await using dir = await tempDir();
  for (let level = 0; level < 20; level++) {
    await mkdir(join(dir.path, `own/${level}`), { recursive: true });
    for (const name of ["a", "b"]) {
      await symlink(`../${level + 1}`, join(dir.path, `own/${level}/${name}`));
    }
  }
  await mkdir(join(dir.path, "own/20"));
  await mkdir(join(dir.path, "skills"));
  await symlink("../own/0", join(dir.path, "skills/start"));
  await expect(scan(dir.path)).rejects.toMatchObject({ code: "refused" });
});

test("more than 10,000 files are refused, and it says where they are", async () => {
  await using dir = await tempDir();
  const folder = join(dir.path, "extensions/built");
  await mkdir(folder, { recursive: true });
  for (let index = 0; index < 9999; index++) await writeFile(join(folder, `${index}`), "");
  await write(dir, "AGENTS.md");
  expect((await scan(dir.path)).files.size).toBe(10_000);
  await write(dir, "prompts/a.md");
  await expect(scan(dir.path)).rejects.toMatchObject({
    code: "refused",
    hint: expect.stringContaining("extensions/built"),
  });
  const selection = { include: [], exclude: ["built"] };
  expect(await scanPaths(dir, { selection })).toEqual(["AGENTS.md", "prompts/a.md"]);
}, 30_000);

describe("settings.json", () => {
  test("counts with its shared part", async () => {
    await using dir = await tempDir();
    const settings = { theme: "dark", shellPath: "/bin/sh", mine: 1 };
    await write(dir, "settings.json", JSON.stringify(settings));
    const shared = shareSettings(JSON.stringify(settings), ["mine"])!;
    const { files } = await scan(dir.path, { localKeys: ["mine"] });
    expect(files.get("settings.json")).toEqual({
      sha256: hash(shared),
      bytes: shared.length,
      isExecutable: false,
    });
    expect(Buffer.from(shared).toString()).not.toContain("mine");
  });

  test("with keys of this machine alone is no file", async () => {
    await using dir = await tempDir();
    await write(dir, "settings.json", '{"shellPath":"/bin/sh"}');
    expect(await scan(dir.path)).toEqual({ files: new Map(), leftOut: [] });
  });

  test("that is no JSON is left out, and there", async () => {
    await using dir = await tempDir();
    await write(dir, "settings.json", '{"theme":');
    const { files, leftOut } = await scan(dir.path);
    expect(files.size).toBe(0);
    expect(leftOut).toMatchObject([{ path: "settings.json", isThere: true }]);
    expect(leftOut[0]?.reason).toMatch(/JSON.*[^.]$/);
  });

  test("below a folder is a file like others", async () => {
    await using dir = await tempDir();
    await write(dir, "extensions/mine/settings.json", "{");
    expect((await scan(dir.path)).files.get("extensions/mine/settings.json")?.sha256).toBe(
      hash("{"),
    );
  });
});

test("a scan can be stopped, also under way", async () => {
  await using dir = await tempDir();
  for (let index = 0; index < 20; index++) await write(dir, `skills/${index}`);
  const stop = new AbortController();
  const reason = new Error("stopped");
  // Each look at this clock is a millisecond later.
  let now = Date.now();
  const clock = { ...systemClock, now: () => now++ };
  const scanning = scan(dir.path, { clock, signal: stop.signal });
  stop.abort(reason);
  await expect(scanning).rejects.toBe(reason);
  await expect(scan(dir.path, { signal: stop.signal })).rejects.toBe(reason);
});

test("other work has its turn while files are read", async () => {
  await using dir = await tempDir();
  for (let index = 0; index < 30; index++) await write(dir, `skills/${index}`);
  let now = Date.now();
  const clock = { ...systemClock, now: () => now++ };
  let [turns, isOver] = [0, false];
  const takeTurns = (): void => {
    turns++;
    if (!isOver) setImmediate(takeTurns);
  };
  setImmediate(takeTurns);
  await scan(dir.path, { clock });
  isOver = true;
  expect(turns).toBeGreaterThan(3);
});

test("files that come, go and change during a scan do not break it", async () => {
  await using dir = await tempDir();
  const contents = ["a".repeat(3000), "b".repeat(3000), ""];
  for (let index = 0; index < 60; index++) await write(dir, `skills/${index}`, contents[0]);
  let isOver = false;
  const changing = (async () => {
    for (let index = 0; !isOver; index = (index + 1) % 60) {
      const place = join(dir.path, `skills/${index}`);
      await (index % 3 === 0 ? rm(place, { force: true }) : writeFile(place, contents[index % 3]!));
    }
  })();
  let now = Date.now();
  const clock = { ...systemClock, now: () => (now += 3) };
  for (let round = 0; round < 10; round++) {
    const { files } = await scan(dir.path, { clock });
    expect(files.size).toBeGreaterThanOrEqual(40);
    for (const { bytes, sha256 } of files.values()) {
      expect(sha256).toBe(
        hash(contents.find((text) => text.length === bytes && hash(text) === sha256)!),
      );
    }
  }
  isOver = true;
  await changing;
});
