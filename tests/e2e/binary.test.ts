/** The compiled program, as `bun run build` leaves it in `dist/`. */

import { beforeAll, describe, expect, test } from "bun:test";
import { access, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import { tempDir } from "../support/temp.ts";

const root = join(import.meta.dirname, "../..");
const binary = join(root, "dist", process.platform === "win32" ? "pi-opensync.exe" : "pi-opensync");

beforeAll(async () => {
  await access(binary).catch(() => {
    throw new Error("dist/pi-opensync is not there: run `bun run build` first");
  });
});

describe("the binary", () => {
  test("says its version and the commit that it was built from", async () => {
    const { exitCode, stdout, stderr } = await run(["--version"], root);
    expect(stdout).toMatch(/^pi-opensync \S+ [(](unknown|[0-9a-f]{7,40}(-dirty)?)[)]\n$/);
    expect(stdout).toStartWith(`pi-opensync ${manifest.version} (`);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  });

  test.skipIf(process.platform === "win32")(
    "a reader that has seen enough is no failure",
    async () => {
      // `true` is gone before anything is written.
      const script = '(sleep 0.2; "$0" --help; echo "ended with $?" >&2) | true';
      const child = Bun.spawn(["sh", "-c", script, binary], { stdout: "pipe", stderr: "pipe" });
      expect(await child.stderr.text()).toBe("ended with 0\n");
    },
  );

  test("takes nothing from the folder that it runs in", async () => {
    await using dir = await tempDir();
    const trap = 'process.stdout.write("preloaded\\n"); process.exit(9);';
    await writeFile(join(dir.path, "trap.ts"), trap);
    await writeFile(join(dir.path, "bunfig.toml"), 'preload = ["./trap.ts"]\n');
    // A link to itself: Bun fails when it tries to read it.
    await symlink(".env", join(dir.path, ".env"));
    await writeFile(join(dir.path, "package.json"), "not JSON");
    await writeFile(join(dir.path, "tsconfig.json"), "not JSON");
    expect(await run(["--version"], dir.path)).toEqual(await run(["--version"], root));
  });

  test("holds no path of the machine that built it", async () => {
    const content = await readFile(binary);
    const folders = [root, dirname(process.execPath)];
    expect(folders.filter((path) => content.includes(path))).toEqual([]);
  });
});

async function run(
  args: string[],
  cwd: string,
): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const child = Bun.spawn([binary, ...args], { cwd, stdio: ["ignore", "pipe", "pipe"] });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { exitCode: await child.exited, stdout, stderr };
}
