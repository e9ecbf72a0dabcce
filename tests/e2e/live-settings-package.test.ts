/** Settings sync with the extension as people get it. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cp } from "node:fs/promises";
import { join } from "node:path";

import { packPackage } from "../../cli/build/pack.ts";
import { generateIdentity } from "../../lib/settings/remote/seal.ts";
import { piTargets } from "../support/pi/install.ts";
import { settingsBox } from "../support/pi/settings.ts";
import { tempDir } from "../support/temp.ts";
import type { TempDir } from "../support/temp.ts";

const timeLimitMs = 60_000;
const root = join(import.meta.dirname, "../..");

let temp: TempDir;
let packed: string;
let clone: string;

beforeAll(async () => {
  temp = await tempDir();
  packed = join(temp.path, "packed");
  clone = join(temp.path, "clone");
  await packPackage(packed);
  for (const name of ["package.json", "extension", "lib"]) {
    await cp(join(root, name), join(clone, name), { recursive: true });
  }
});

afterAll(() => temp[Symbol.asyncDispose]());

for (const target of await piTargets()) {
  describe(target.name, () => {
    test(
      "the package brings encryption along",
      async () => {
        const encryptionKey = await generateIdentity();
        const sync = { encryptionKey, autoSync: false };
        await using box = await settingsBox({ target, sync, extensions: [packed] });
        const { exitCode, stderr } = await box.run("-p", "/pisync sync --yes");
        expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
        expect(stderr).toContain("Stored as #1.");
        expect(stderr).not.toContain(encryptionKey);
        const stored = await readAll(box.storage);
        expect(stored).toContain("age-encryption.org/v1");
        expect(stored).not.toContain("settings.json");
      },
      timeLimitMs,
    );

    test(
      "a clone without any package syncs, and says what encryption lacks",
      async () => {
        const extensions = [join(clone, "extension/index.ts")];
        await using plain = await settingsBox({ target, sync: { autoSync: false }, extensions });
        const { stderr } = await plain.run("-p", "/pisync sync --yes");
        expect(stderr).toContain("Stored as #1.");
        const sync = { encryptionKey: await generateIdentity(), autoSync: false };
        await using sealed = await settingsBox({ target, sync, extensions });
        const refused = await sealed.run("-p", "/pisync sync --yes");
        expect(refused.stderr).toContain("The package age-encryption is not there");
        expect(refused.stderr).not.toContain(sync.encryptionKey);
        expect(await readAll(sealed.storage)).toBe("");
      },
      timeLimitMs,
    );
  });
}

/** The contents of all files of a folder. */
async function readAll(dir: string): Promise<string> {
  const paths = await Array.fromAsync(new Bun.Glob("**/*").scan({ cwd: dir, dot: true }));
  const texts = await Promise.all(paths.map((path) => Bun.file(join(dir, path)).text()));
  return texts.join("\n");
}
