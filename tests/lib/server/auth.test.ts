import { expect, test } from "bun:test";
import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../../../lib/errors.ts";
import { authError, loadApiKey } from "../../../lib/server/auth.ts";
import { tempDir } from "../../support/temp.ts";

const modeOf = async (path: string): Promise<string> =>
  ((await stat(path)).mode & 0o777).toString(8);

test("the first start makes a key that only its owner can read", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "api-key");
  const key = await loadApiKey(path);
  expect(key).toMatch(/^osk_[A-Za-z0-9_-]{32}$/);
  expect(await readFile(path, "utf8")).toBe(`${key}\n`);
  expect(await modeOf(path)).toBe("600");
});

test("later starts find the same key and close it to others", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "api-key");
  const key = await loadApiKey(path);
  await chmod(path, 0o644);
  expect(await loadApiKey(path)).toBe(key);
  expect(await modeOf(path)).toBe("600");
});

test("every server has a key of its own", async () => {
  await using dir = await tempDir();
  const keys = await Promise.all(["a", "b"].map((name) => loadApiKey(join(dir.path, name))));
  expect(keys[0]).not.toBe(keys[1]);
});

test("a file that holds no key is an error that does not show it", async () => {
  await using dir = await tempDir();
  const path = join(dir.path, "api-key");
  await writeFile(path, "osk_secret");
  const error = await loadApiKey(path).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(AppError);
  expect((error as AppError).message).toContain(path);
  expect((error as AppError).message).not.toContain("secret");
});

test("the right key passes, and nothing near it", () => {
  const key = `osk_${"a".repeat(32)}`;
  const check = (authorization: string) =>
    authError(new Request("http://localhost", { headers: { authorization } }), key, false);
  expect(check(`Bearer ${key}`)).toBeUndefined();
  for (const wrong of [key.slice(0, -1), `${key}a`, `${key.slice(0, -1)}b`, "osk_"]) {
    expect(check(`Bearer ${wrong}`)).toBe("Invalid API key");
  }
});
