import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

import {
  findRegistrations,
  registerPackage,
  resolveSource,
  unregisterPackage,
} from "../../../lib/pi/registration.ts";
import { systemClock } from "../../../lib/platform/clock.ts";
import { piHome } from "./support.ts";
import type { PiHome } from "./support.ts";

const git = "https://github.com/someone/pi-opensync-plugin";

const access = ({ env }: PiHome) => ({ env, clock: systemClock });

async function packagesOf(home: PiHome): Promise<unknown> {
  return (JSON.parse(await home.readSettings()) as { packages?: unknown }).packages;
}

describe("what is found", () => {
  test("ours and the older plugin in each place, and no other", async () => {
    await using home = await piHome();
    const clone = await home.write("code/pi-opensync/package.json", { name: "pi-opensync" });
    await home.write(".pi/agent/extensions/mine/package.json", { name: "pi-opensync" });
    await home.write(".pi/agent/extensions/other.ts", "");
    await home.writeSettings({
      packages: [
        "npm:pi-opensync@1.0.0",
        git,
        "npm:pi-opensync-tools",
        7,
        { source: "../../code/pi-opensync" },
      ],
      extensions: ["~/code/pi-opensync/extension/index.ts", "-~/code/pi-opensync"],
    });
    const found = await findRegistrations(home.env);
    expect(found.map(({ name, place, source }) => [name, place, source])).toEqual([
      ["pi-opensync", "packages", "npm:pi-opensync@1.0.0"],
      ["pi-opensync-plugin", "packages", git],
      ["pi-opensync", "packages", "../../code/pi-opensync"],
      ["pi-opensync", "extensions", "~/code/pi-opensync/extension/index.ts"],
      ["pi-opensync", "folder", join(home.agentDir, "extensions/mine")],
    ]);
    expect(clone).toEndWith("package.json");
  });

  const sources: [source: string, isOurs: boolean][] = [
    ["npm:pi-opensync", true],
    ["npm:@me/pi-opensync", false],
    ["git:github.com/me/pi-opensync", true],
    ["git:github.com/me/pi-opensync@v1.0", true],
    ["git@github.com:me/pi-opensync.git", true],
    ["https://github.com/me/pi-opensync.git#main", true],
    ["https://github.com/me/pi-opensync/", true],
    ["https://github.com/pi-opensync/other", false],
    ["./pi-opensync", false],
  ];

  test.each(sources)("%s is ours: %s", async (source, isOurs) => {
    await using home = await piHome();
    await home.writeSettings({ packages: [source] });
    expect(await findRegistrations(home.env)).toHaveLength(isOurs ? 1 : 0);
  });

  const entries: [entry: object, isEnabled: boolean][] = [
    [{ skills: [] }, true],
    [{ extensions: ["extension/*.ts"] }, true],
    [{ extensions: [] }, false],
    [{ extensions: ["-extension/index.ts"] }, false],
    [{ autoload: false }, false],
  ];

  test.each(entries)("with %j it is enabled: %s", async (entry, isEnabled) => {
    await using home = await piHome();
    await home.writeSettings({ packages: [{ source: "npm:pi-opensync", ...entry }] });
    expect((await findRegistrations(home.env)).map((found) => found.isEnabled)).toEqual([
      isEnabled,
    ]);
  });

  test("nothing where pi has never run", async () => {
    await using home = await piHome();
    expect(await findRegistrations(home.env)).toEqual([]);
    expect(existsSync(home.agentDir)).toBe(false);
  });
});

describe("registering", () => {
  test("adds ours at the end, and keeps a copy of before", async () => {
    await using home = await piHome();
    const before = '{"theme":"dark","packages":["npm:other"]}';
    await home.writeSettings(before);
    const { backupPath, ...registered } = await registerPackage(undefined, access(home));
    expect(registered).toEqual({ isChanged: true, source: "npm:pi-opensync", replaced: [] });
    expect(await packagesOf(home)).toEqual(["npm:other", "npm:pi-opensync"]);
    expect(await readFile(backupPath!, "utf8")).toBe(before);
  });

  test("again changes nothing, not even the copy", async () => {
    await using home = await piHome();
    await home.writeSettings({});
    await registerPackage(undefined, access(home));
    const text = await home.readSettings();
    expect(await registerPackage(undefined, access(home))).toEqual({
      isChanged: false,
      source: "npm:pi-opensync",
      replaced: [],
    });
    expect(await home.readSettings()).toBe(text);
    expect(await readFile(`${home.settingsPath}.before-pi-opensync`, "utf8")).toBe("{}");
  });

  test("leaves ours where it comes from elsewhere, unless another source is asked for", async () => {
    await using home = await piHome();
    const entry = { source: "git:github.com/me/pi-opensync", skills: [] };
    await home.writeSettings({ packages: [entry, "npm:other", "npm:pi-opensync"] });
    expect((await registerPackage(undefined, access(home))).isChanged).toBe(false);
    const { replaced } = await registerPackage("/clones/pi-opensync", access(home));
    expect(replaced).toEqual([entry.source, "npm:pi-opensync"]);
    expect(await packagesOf(home)).toEqual([
      { source: "/clones/pi-opensync", skills: [] },
      "npm:other",
    ]);
  });

  test("moves ours from the list of extensions to that of packages", async () => {
    await using home = await piHome();
    await home.write("clone/package.json", { name: "pi-opensync" });
    await home.writeSettings({ extensions: ["~/clone/extension/index.ts"] });
    await registerPackage("npm:pi-opensync", access(home));
    expect(JSON.parse(await home.readSettings())).toEqual({
      extensions: [],
      packages: ["npm:pi-opensync"],
    });
  });

  test("is not done beside a clone that pi finds by itself", async () => {
    await using home = await piHome();
    await home.writeSettings({});
    await home.write(".pi/agent/extensions/mine/package.json", { name: "pi-opensync" });
    expect((await registerPackage(undefined, access(home))).isChanged).toBe(false);
    expect(await home.readSettings()).toBe("{}");
  });

  test("in many programs at once registers once", async () => {
    await using home = await piHome();
    await home.writeSettings({ packages: [] });
    await Promise.all(Array.from({ length: 8 }, () => registerPackage(undefined, access(home))));
    expect(await packagesOf(home)).toEqual(["npm:pi-opensync"]);
    expect(await readdir(home.agentDir)).not.toContain("settings.json.lock");
  });
});

describe("unregistering", () => {
  test("takes out all of ours and nothing else", async () => {
    await using home = await piHome();
    await home.writeSettings({
      packages: ["npm:pi-opensync", git, { source: "npm:pi-opensync@1" }],
      a: 1,
    });
    expect(await unregisterPackage("pi-opensync", access(home))).toEqual([
      "npm:pi-opensync",
      "npm:pi-opensync@1",
    ]);
    expect(JSON.parse(await home.readSettings())).toEqual({ packages: [git], a: 1 });
    expect(await unregisterPackage("pi-opensync", access(home))).toEqual([]);
  });

  test("takes out the older plugin", async () => {
    await using home = await piHome();
    await home.writeSettings({ packages: ["npm:pi-opensync", git] });
    expect(await unregisterPackage("pi-opensync-plugin", access(home))).toEqual([git]);
    expect(await packagesOf(home)).toEqual(["npm:pi-opensync"]);
  });

  test("makes no folder where there is nothing", async () => {
    await using home = await piHome();
    expect(await unregisterPackage("pi-opensync", access(home))).toEqual([]);
    expect(existsSync(home.agentDir)).toBe(false);
  });
});

describe("a source", () => {
  test("that is a path becomes an absolute one", async () => {
    await using home = await piHome();
    await home.write("clone/package.json", { name: "pi-opensync" });
    expect(await resolveSource("./clone", home.path, home.env)).toBe(join(home.path, "clone"));
    expect(await resolveSource("~/clone", "/", home.env)).toBe(join(home.path, "clone"));
  });

  test.each(["npm:other", "./nowhere", "git:github.com/me/other", ""])(
    "'%s' is not ours",
    async (source) => {
      await using home = await piHome();
      expect(resolveSource(source, home.path, home.env)).rejects.toThrow(
        "There is no pi-opensync at",
      );
    },
  );
});
