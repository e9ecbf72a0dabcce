import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { chmod, lstat, readFile, readdir, rename, stat, symlink } from "node:fs/promises";
import { join } from "node:path";

import { changePiSettings, readPiSettings } from "../../../lib/pi/settings.ts";
import type { PiSettings } from "../../../lib/pi/settings-text.ts";
import { systemClock } from "../../../lib/platform/clock.ts";
import { piHome } from "./support.ts";
import type { PiHome } from "./support.ts";

const setTheme = async (settings: PiSettings): Promise<PiSettings> => ({
  ...settings,
  theme: "light",
});

function change(home: PiHome, to = setTheme) {
  return changePiSettings(home.agentDir, systemClock, to, { backupSuffix: ".before" });
}

describe("what a change leaves as it is", () => {
  const styles: [name: string, before: string, after: string][] = [
    ["tabs", '{\n\t"a": 1,\n\t"theme": "dark"\n}', '{\n\t"a": 1,\n\t"theme": "light"\n}'],
    [
      "four spaces",
      '{\n    "a": {\n        "b": 1\n    }\n}\n',
      '{\n    "a": {\n        "b": 1\n    },\n    "theme": "light"\n}\n',
    ],
    [
      "line ends of Windows",
      '{\r\n  "a": 1\r\n}\r\n',
      '{\r\n  "a": 1,\r\n  "theme": "light"\r\n}\r\n',
    ],
    ["a byte order mark", '\uFEFF{\n  "a": 1\n}', '\uFEFF{\n  "a": 1,\n  "theme": "light"\n}'],
    [
      "the order of fields",
      '{\n  "z": 1,\n  "theme": "dark",\n  "b": "\\n"\n}',
      '{\n  "z": 1,\n  "theme": "light",\n  "b": "\\n"\n}',
    ],
    ["nothing", "", '{\n  "theme": "light"\n}\n'],
  ];

  test.each(styles)("%s", async (_name, before, after) => {
    await using home = await piHome();
    await home.writeSettings(before);
    await change(home);
    expect(await home.readSettings()).toBe(after);
  });

  test("permissions", async () => {
    await using home = await piHome();
    await chmod(await home.writeSettings({}), 0o640);
    const { backupPath } = await change(home);
    expect((await stat(home.settingsPath)).mode & 0o777).toBe(0o640);
    expect((await stat(backupPath!)).mode & 0o777).toBe(0o640);
  });

  test("a symbolic link, of which the target is changed", async () => {
    await using home = await piHome();
    await home.writeSettings({});
    const target = join(home.path, "dotfiles.json");
    await rename(home.settingsPath, target);
    await symlink(target, home.settingsPath);
    await change(home);
    expect((await lstat(home.settingsPath)).isSymbolicLink()).toBe(true);
    expect(JSON.parse(await readFile(target, "utf8"))).toEqual({ theme: "light" });
  });

  test("nothing else in the folder but the copy of before", async () => {
    await using home = await piHome();
    await home.writeSettings('{"a":1}');
    expect(await change(home)).toEqual({
      isChanged: true,
      backupPath: `${home.settingsPath}.before`,
    });
    expect((await readdir(home.agentDir)).sort()).toEqual([
      "settings.json",
      "settings.json.before",
    ]);
    expect(await readFile(`${home.settingsPath}.before`, "utf8")).toBe('{"a":1}');
  });
});

describe("settings that can't be changed", () => {
  const broken: [what: string, text: string, said: string][] = [
    ["no JSON", '{\n  "a": 1,\n}', "is not valid JSON (line 3, column 1)"],
    ["comments", "// mine\n{}", "is not valid JSON (line 1, column 1)"],
    ["a list", "[]", "does not hold a JSON object"],
  ];

  test.each(broken)("%s: told, and not touched", async (_what, text, said) => {
    await using home = await piHome();
    await home.writeSettings(text);
    const changing = change(home);
    expect(changing).rejects.toThrow(said);
    await changing.catch(() => {});
    expect(await home.readSettings()).toBe(text);
    expect(await readdir(home.agentDir)).toEqual(["settings.json"]);
  });
});

describe("settings that are not there", () => {
  test("are none", async () => {
    await using home = await piHome();
    expect(await readPiSettings(home.agentDir)).toEqual({});
  });

  test("are made, with the folder, and without a copy of before", async () => {
    await using home = await piHome();
    expect(await change(home)).toEqual({ isChanged: true });
    expect((await stat(home.settingsPath)).mode & 0o777).toBe(0o600);
  });

  test("are not made where there is nothing to change", async () => {
    await using home = await piHome();
    expect(await change(home, () => Promise.resolve(undefined as never))).toEqual({
      isChanged: false,
    });
    expect(existsSync(home.settingsPath)).toBe(false);
  });
});

test("of many changes of pi and ours at once, none is lost", async () => {
  await using home = await piHome();
  await home.writeSettings({ mine: 1 });
  const script = `
    import { SettingsManager } from "@mariozechner/pi-coding-agent";
    const settings = SettingsManager.create(process.cwd(), ${JSON.stringify(home.agentDir)});
    for (let count = 1; count <= 40; count++) {
      settings.setLastChangelogVersion(String(count));
      await settings.flush();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    console.log(settings.drainErrors().length);`;
  const pi = Bun.spawn(["node", "--input-type=module", "-e", script], {
    cwd: import.meta.dirname,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let ours = 0;
  while (pi.exitCode === null) {
    await changePiSettings(home.agentDir, systemClock, async (settings) => ({
      ...settings,
      ours: Number(settings["ours"] ?? 0) + 1,
    }));
    ours += 1;
    // pi itself gives up where somebody holds the lock most of the time.
    await Bun.sleep(20);
  }
  expect(await pi.stdout.text()).toBe("0\n");
  expect(JSON.parse(await home.readSettings())).toEqual({
    mine: 1,
    lastChangelogVersion: "40",
    ours,
  });
});
