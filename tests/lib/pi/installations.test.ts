import { describe, expect, test } from "bun:test";
import { chmod, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";

import { findPiInstallations, isPiSupported } from "../../../lib/pi/installations.ts";
import { piHome } from "./support.ts";
import type { PiHome } from "./support.ts";

/** What the PATH finds of pi, by folder of the home. */
async function find(home: PiHome, ...folders: string[]) {
  const path = folders.map((folder) => join(home.path, folder)).join(":");
  const found = await findPiInstallations({ PATH: path });
  return found.map(({ path, version }) => [path.slice(home.path.length + 1), version]);
}

async function writeProgram(home: PiHome, path: string, text: string): Promise<void> {
  await chmod(await home.write(path, text), 0o755);
}

/** A pi of npm: the package, and a link to its program. */
async function install(home: PiHome, prefix: string, name: string, version: string): Promise<void> {
  const dir = `${prefix}/lib/node_modules/${name}`;
  await home.write(`${dir}/package.json`, { name, version });
  await writeProgram(home, `${dir}/dist/cli.js`, "#!/bin/sh\nexit 1\n");
  await mkdir(join(home.path, prefix, "bin"), { recursive: true });
  await symlink(join(home.path, dir, "dist/cli.js"), join(home.path, prefix, "bin/pi"));
}

describe("a pi", () => {
  test("that npm installed, of both names, in the order of the PATH", async () => {
    await using home = await piHome();
    await install(home, "a", "@mariozechner/pi-coding-agent", "0.73.1");
    await install(home, "b", "@earendil-works/pi-coding-agent", "1.5.2");
    expect(await find(home, "b/bin", "none", "a/bin", "b/bin")).toEqual([
      ["b/bin/pi", "1.5.2"],
      ["a/bin/pi", "0.73.1"],
    ]);
  });

  test("behind a start script", async () => {
    await using home = await piHome();
    const name = "@earendil-works/pi-coding-agent";
    await home.write(`lib/node_modules/${name}/package.json`, { name, version: "1.5.2" });
    const line = `exec node "$basedir/../lib/node_modules/${name}/dist/cli.js" "$@"`;
    await writeProgram(home, "bin/pi", `#!/bin/sh\nbasedir=$(dirname "$0")\n${line}\n`);
    expect(await find(home, "bin")).toEqual([["bin/pi", "1.5.2"]]);
  });

  test("that tells its version itself", async () => {
    await using home = await piHome();
    await writeProgram(home, "bin/pi", '#!/bin/sh\n[ "$1" = --version ] && echo 1.6.0-beta.1\n');
    expect(await find(home, "bin")).toEqual([["bin/pi", "1.6.0-beta.1"]]);
  });

  test("that tells its version on stderr, as pi 0.73 does", async () => {
    await using home = await piHome();
    await writeProgram(home, "bin/pi", "#!/bin/sh\necho 0.73.1 >&2\n");
    expect(await find(home, "bin")).toEqual([["bin/pi", "0.73.1"]]);
  });

  const others: [what: string, text: string][] = [
    ["prints something else", "#!/bin/sh\necho 3.14159\n"],
    ["fails", "#!/bin/sh\necho 1.0.0\nexit 1\n"],
    ["waits for input and gets none", "#!/bin/sh\n/bin/cat\n"],
  ];

  test.each(others)("is not a program of that name that %s", async (_what, text) => {
    await using home = await piHome();
    await writeProgram(home, "bin/pi", text);
    await mkdir(join(home.path, "other/pi"), { recursive: true });
    expect(await find(home, "bin", "other")).toEqual([]);
  });

  test("is not waited for longer than five seconds", async () => {
    await using home = await piHome();
    await writeProgram(home, "bin/pi", "#!/bin/sh\nexec /bin/sleep 30\n");
    expect(await find(home, "bin")).toEqual([]);
  }, 15_000);

  test.each([
    ["0.72.9", false],
    ["0.73.0", true],
    ["1.0.0", true],
    ["1.5.2-beta.1", true],
  ])("of version %s is supported: %s", (version, isSupported) => {
    expect(isPiSupported(version)).toBe(isSupported);
  });
});
