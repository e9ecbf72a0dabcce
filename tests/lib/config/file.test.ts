import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  chmod,
  mkdir,
  readdir,
  readFile,
  readlink,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { findExposedKey, readConfigFile, updateConfigFile } from "../../../lib/config/file.ts";
import { tempDir } from "../../support/temp.ts";
import { failureOf } from "../../support/failure-of.ts";

const isWindows = process.platform === "win32";

describe("reading", () => {
  test("a missing file is an empty one", async () => {
    await using dir = await tempDir();
    expect(await readConfigFile(join(dir.path, "no", "config.json"))).toEqual({});
  });

  test("all fields are there, ours or not, with a byte order mark or without", async () => {
    await using dir = await tempDir();
    const path = join(dir.path, "config.json");
    for (const start of ["", "\uFEFF"]) {
      await writeFile(path, `${start}{"url": "x", "other": {"a": [1]}}`);
      expect(await readConfigFile(path)).toEqual({ url: "x", other: { a: [1] } });
    }
  });

  test("broken JSON is an error with the place and without the content", async () => {
    await using dir = await tempDir();
    const path = join(dir.path, "config.json");
    await writeFile(path, '{\n  "apiKey": "osk_secret",\n}\n');
    const error = await failureOf(readConfigFile(path));
    expect(error.code).toBe("config");
    expect(error.message).toBe(`${path} is not valid JSON (line 3, column 1).`);
    expect(error.hint).toContain("no comma after the last field");
    expect(JSON.stringify([error, error.cause])).not.toContain("secret");
  });

  test("JSON that is no object is an error", async () => {
    await using dir = await tempDir();
    const path = join(dir.path, "config.json");
    for (const text of ["[]", "null", "3"]) {
      await writeFile(path, text);
      expect((await failureOf(readConfigFile(path))).message).toContain("a JSON object");
    }
  });

  test("a folder in its place is an error", async () => {
    await using dir = await tempDir();
    expect((await failureOf(readConfigFile(dir.path))).message).toContain("Could not read");
  });
});

describe("writing", () => {
  test("a rewrite keeps all other fields, their values and their order", async () => {
    await using dir = await tempDir();
    const path = join(dir.path, "config.json");
    // Names of digits go first in every JavaScript object.
    const name = fc.string().filter((text) => !/^\d+$/.test(text) && text !== "url");
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, fc.jsonValue()), fc.string(), async (others, url) => {
        await writeFile(path, JSON.stringify(others));
        await updateConfigFile(path, { url });
        const expected = JSON.stringify({ ...others, url });
        expect(JSON.stringify(JSON.parse(await readFile(path, "utf8")))).toBe(expected);
        await updateConfigFile(path, { url: undefined });
        const left = JSON.stringify(JSON.parse(await readFile(path, "utf8")));
        expect(left).toBe(JSON.stringify(others));
      }),
      { numRuns: 40 },
    );
  });

  test("a changed field stays in its place", async () => {
    await using dir = await tempDir();
    const path = join(dir.path, "config.json");
    await writeFile(path, '{"a":1,"url":"x","b":2}');
    await updateConfigFile(path, { url: "y", debug: true });
    expect(await readFile(path, "utf8")).toBe(
      '{\n  "a": 1,\n  "url": "y",\n  "b": 2,\n  "debug": true\n}\n',
    );
  });

  test.skipIf(isWindows)("file and folder are private, also where they were not", async () => {
    await using dir = await tempDir();
    const path = join(dir.path, "new", "config.json");
    await updateConfigFile(path, { apiKey: "k" });
    expect((await stat(join(dir.path, "new"))).mode & 0o777).toBe(0o700);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await chmod(path, 0o644);
    await updateConfigFile(path, { apiKey: "l" });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(dir.path, "new"))).toEqual(["config.json"]);
  });

  test("a broken file is not overwritten", async () => {
    await using dir = await tempDir();
    const path = join(dir.path, "config.json");
    await writeFile(path, "{broken");
    await failureOf(updateConfigFile(path, { url: "x" }));
    expect(await readFile(path, "utf8")).toBe("{broken");
  });

  test.skipIf(isWindows)("a link stays a link", async () => {
    await using dir = await tempDir();
    const [path, target] = [join(dir.path, "config.json"), join(dir.path, "dotfiles", "c.json")];
    await mkdir(join(dir.path, "dotfiles"));
    await writeFile(target, '{"other": 1}');
    await symlink(target, path);
    await updateConfigFile(path, { url: "x" });
    expect(await readlink(path)).toBe(target);
    expect(JSON.parse(await readFile(target, "utf8"))).toEqual({ other: 1, url: "x" });
  });
});

describe.skipIf(isWindows)("permissions", () => {
  test("a key that others can read is a problem", async () => {
    await using dir = await tempDir();
    const path = join(dir.path, "config.json");
    await writeFile(path, "{}");
    for (const [mode, isExposed] of [
      [0o600, false],
      [0o400, false],
      [0o640, true],
      [0o604, true],
    ] as const) {
      await chmod(path, mode);
      const problem = await findExposedKey(path, { apiKey: "osk_1" }, "linux");
      expect(problem !== undefined).toBe(isExposed);
      if (problem) expect(problem.hint).toBe(`Run: chmod 600 ${path}`);
      expect(JSON.stringify(problem) ?? "").not.toContain("osk_1");
    }
  });

  test("so is a key of settings sync", async () => {
    await using dir = await tempDir();
    const path = join(dir.path, "config.json");
    await writeFile(path, "{}", { mode: 0o644 });
    for (const field of ["secretAccessKey", "sessionToken", "encryptionKey"]) {
      const problem = await findExposedKey(path, { settings: { [field]: "s3cret" } }, "linux");
      expect(problem?.message).toMatch(/holds your (secret|session|encryption) /);
      const named = await findExposedKey(path, { settings: { [field]: "$KEY" } }, "linux");
      expect(named).toBeUndefined();
    }
    const other = { settings: { bucket: "b", accessKeyId: "id" }, apiKey: "$KEY" };
    expect(await findExposedKey(path, other, "linux")).toBeUndefined();
  });

  test("a file without a key of its own is none, nor one on Windows", async () => {
    await using dir = await tempDir();
    const path = join(dir.path, "config.json");
    await writeFile(path, "{}", { mode: 0o644 });
    for (const apiKey of [undefined, "$KEY", "!pass key"]) {
      expect(await findExposedKey(path, { apiKey }, "linux")).toBeUndefined();
    }
    expect(await findExposedKey(path, { apiKey: "osk_1" }, "win32")).toBeUndefined();
  });
});
