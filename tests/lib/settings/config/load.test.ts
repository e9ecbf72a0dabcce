import { describe, expect, test } from "bun:test";
import { mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { loadSettingsConfig, updateSettings } from "../../../../lib/settings/config/load.ts";
import { mayHaveSettings } from "../../../../lib/settings/config/may-have.ts";
import { tempDir } from "../../../support/temp.ts";
import { failureOf } from "../../../support/failure-of.ts";

const isWindows = process.platform === "win32";

async function makeHome(dir: string) {
  const env = { HOME: dir, PI_CODING_AGENT_DIR: join(dir, "agent") };
  const paths = { configFile: join(dir, "config.json") };
  const piSync = join(env.PI_CODING_AGENT_DIR, "pi-sync.local.json");
  await mkdir(dirname(piSync));
  const load = (more: Record<string, string> = {}) =>
    loadSettingsConfig({ ...env, ...more }, paths, "host");
  return { env, paths, piSync, load };
}

describe("loading", () => {
  test("without any file there are the defaults", async () => {
    await using dir = await tempDir();
    const { load } = await makeHome(dir.path);
    const { config, warnings } = await load();
    expect(config.machine).toBe("host");
    expect(config.endpoint).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  test("both files and the environment are read, and the older file stays as it is", async () => {
    await using dir = await tempDir();
    const { load, paths, piSync } = await makeHome(dir.path);
    const text = '\uFEFF{"endpoint":"https://a.example","bucket":"old-bucket","autoSync":"no"}';
    await writeFile(piSync, text);
    await writeFile(paths.configFile, '{"url":"x","settings":{"bucket":"new-bucket"}}');
    const { config, origin } = await load({ PI_SYNC_PROFILE: "work" });
    expect(config).toMatchObject({
      endpoint: "https://a.example",
      bucket: "new-bucket",
      autoSync: false,
      profile: "work",
    });
    expect(origin.endpoint).toEqual({ source: "pi-sync", name: piSync });
    expect(await readFile(piSync, "utf8")).toBe(text);
  });

  test("what can't be used is an error with all of it", async () => {
    await using dir = await tempDir();
    const { load, paths } = await makeHome(dir.path);
    await writeFile(paths.configFile, '{"settings":{"bucket":1,"profile":"/"}}');
    const error = await failureOf(load());
    expect(error.code).toBe("config");
    expect(error.message.split("\n")).toHaveLength(2);
    expect(error.hint).toBe("Correct the file, or remove the field.");
  });

  test("an older file that is broken, or a folder, is an error", async () => {
    await using dir = await tempDir();
    const { load, piSync } = await makeHome(dir.path);
    await writeFile(piSync, '{"secretAccessKey": "hunter22"');
    const error = await failureOf(load());
    expect(error.message).toContain("is not valid JSON");
    expect(error.message).not.toContain("hunter22");
  });

  test.skipIf(isWindows)("an older file that is a link is refused", async () => {
    await using dir = await tempDir();
    const { load, piSync } = await makeHome(dir.path);
    await writeFile(join(dir.path, "elsewhere.json"), "{}");
    await symlink(join(dir.path, "elsewhere.json"), piSync);
    const error = await failureOf(load());
    expect(error.code).toBe("config");
    expect(error.message).toContain("symbolic link");
  });

  test.skipIf(isWindows)("keys that others can read are warned of, in either file", async () => {
    await using dir = await tempDir();
    const { load, paths, piSync } = await makeHome(dir.path);
    const key = '"accessKeyId":"i","secretAccessKey":"hunter22"';
    await writeFile(paths.configFile, `{"settings":{${key}}}`, { mode: 0o644 });
    await writeFile(piSync, `{${key}}`, { mode: 0o644 });
    const { warnings } = await load();
    expect(warnings.map(({ hint }) => hint)).toEqual([
      `Run: chmod 600 ${paths.configFile}`,
      `Run: chmod 600 ${piSync}`,
    ]);
    expect(warnings[0]?.message).toContain("holds your secret access key");
    expect(JSON.stringify(warnings)).not.toContain("hunter22");
  });
});

describe("updating", () => {
  test("changes the fields that are given and keeps all others", async () => {
    await using dir = await tempDir();
    const { paths } = await makeHome(dir.path);
    const path = paths.configFile;
    await writeFile(path, '{"url":"x","settings":{"bucket":"a-bucket","later":1},"other":[2]}');
    await updateSettings(path, { bucket: undefined, profile: "work", allow: ["0123456789ab"] });
    expect(JSON.parse(await readFile(path, "utf8"))).toEqual({
      url: "x",
      settings: { later: 1, profile: "work", allow: ["0123456789ab"] },
      other: [2],
    });
    if (!isWindows) expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test("an empty rest goes, so that nothing says settings sync is wanted", async () => {
    await using dir = await tempDir();
    const { paths, env } = await makeHome(dir.path);
    await updateSettings(paths.configFile, { bucket: "a-bucket" });
    expect(await mayHaveSettings(env, paths)).toBe(true);
    await updateSettings(paths.configFile, { bucket: undefined });
    expect(await mayHaveSettings(env, paths)).toBe(false);
  });

  test("settings that are no object are not overwritten", async () => {
    await using dir = await tempDir();
    const { paths } = await makeHome(dir.path);
    await writeFile(paths.configFile, '{"settings":[1]}');
    await failureOf(updateSettings(paths.configFile, { bucket: "a-bucket" }));
    expect(await readFile(paths.configFile, "utf8")).toBe('{"settings":[1]}');
  });
});

describe("the quick look", () => {
  test("sees our variables, the older file, and settings in ours; nothing else", async () => {
    await using dir = await tempDir();
    const { env, paths, piSync } = await makeHome(dir.path);
    const look = (more: Record<string, string> = {}) => mayHaveSettings({ ...env, ...more }, paths);
    expect(await look()).toBe(false);
    expect(await look({ AWS_ACCESS_KEY_ID: "a", AWS_REGION: "b", PI_SYNC_BUCKET: "" })).toBe(false);
    expect(await look({ PI_SYNC_BUCKET: "b" })).toBe(true);
    await writeFile(paths.configFile, '{"url":"x"}');
    expect(await look()).toBe(false);
    await writeFile(paths.configFile, '{"settings":');
    expect(await look()).toBe(false);
    await writeFile(piSync, "{}");
    expect(await look()).toBe(true);
  });
});
