import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cp, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { packPackage } from "../../cli/build/pack.ts";
import type { Env } from "../../lib/platform/paths.ts";
import manifest from "../../package.json" with { type: "json" };
import { expectDelivered } from "../support/pi/compare.ts";
import { piTargets } from "../support/pi/install.ts";
import { piSandbox } from "../support/pi/sandbox.ts";
import type { PiSandbox } from "../support/pi/sandbox.ts";
import type { PiTarget } from "../support/pi/targets.ts";
import { testServer } from "../support/server.ts";
import type { TestServer } from "../support/server.ts";
import { SessionBuilder } from "../support/session.ts";
import { tempDir } from "../support/temp.ts";
import type { TempDir } from "../support/temp.ts";

const root = join(import.meta.dirname, "../..");

let temp: TempDir;
let packed: string;
let registry: Registry;

beforeAll(async () => {
  temp = await tempDir();
  packed = join(temp.path, "packed");
  await packPackage(packed);
  registry = await npmRegistry();
});

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  await temp[Symbol.asyncDispose]();
});

describe("the package", () => {
  test("holds the modules, what is to be read about them, and nothing else", async () => {
    const files = await listFiles(packed);
    expect(files.filter((name) => !name.startsWith("chunks/"))).toEqual([
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "cli.mjs",
      "dashboard-list-light.png",
      "dashboard-session-dark.png",
      "extension.js",
      "main.mjs",
      "package.json",
      "session.png",
    ]);
    const modules = files.filter((name) => name.endsWith("js"));
    const imported = await Promise.all(modules.map((name) => listImports(join(packed, name))));
    const chunks = files.filter((name) => name.startsWith("chunks/"));
    expect(chunks.map((name) => name.slice("chunks/".length))).toEqual(
      [...new Set(imported.flat())].filter((name) => /^\w{8}\.mjs$/.test(name)).sort(),
    );
  });

  test("is what npm would publish", async () => {
    const [described] = JSON.parse(await npm(packed, "pack", "--dry-run", "--json")) as [
      { name: string; version: string; files: { path: string }[] },
    ];
    expect(described.name).toBe("pi-opensync");
    expect(described.version).toBe(manifest.version);
    expect(described.files.map(({ path }) => path).sort()).toEqual(await listFiles(packed));
  });

  test("names no dependency, and pi's own packages as optional", async () => {
    const { description, keywords, license, engines } = manifest;
    const optional = { "@mariozechner/pi-coding-agent": "*", "@mariozechner/pi-tui": "*" };
    expect(JSON.parse(await readFile(join(packed, "package.json"), "utf8"))).toEqual({
      name: "pi-opensync",
      version: manifest.version,
      description,
      keywords,
      license,
      engines,
      bin: { "pi-opensync": "cli.mjs" },
      pi: { ...manifest.pi, extensions: ["./extension.js"] },
      peerDependencies: optional,
      peerDependenciesMeta: Object.fromEntries(
        Object.keys(optional).map((name) => [name, { optional: true }]),
      ),
    });
  });

  test("is the same each time", async () => {
    const again = join(temp.path, "again");
    await packPackage(again);
    for (const name of await listFiles(packed)) {
      expect(await readFile(join(again, name))).toEqual(await readFile(join(packed, name)));
    }
  });
});

describe("npx pi-opensync", () => {
  const npx = (home: string, args: string[], env: Env = {}): Promise<Ran> =>
    runToEnd(home, ["npx", "-y", "pi-opensync", ...args], {
      PATH: process.env["PATH"],
      HOME: home,
      npm_config_registry: registry.url,
      npm_config_update_notifier: "false",
      ...env,
    });

  test("says its version, and sends what is there, under Node", async () => {
    await using server = await testServer();
    await using home = await tempDir();
    const session = new SessionBuilder();
    session.user("hello from long ago");
    const dir = join(home.path, ".pi/agent/sessions/--engine--");
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, `2026_${session.header.id}.jsonl`), session.toJsonl());

    const { stdout } = await npx(home.path, ["--version"]);
    expect(stdout).toStartWith(`pi-opensync ${manifest.version} (`);
    const sent = await npx(home.path, ["backfill", "--json"], {
      PI_OPENSYNC_CONVEX_URL: server.server.url,
      PI_OPENSYNC_API_KEY: server.server.apiKey,
    });
    expect(sent).toMatchObject({ exitCode: 0, stderr: "" });
    expect(JSON.parse(sent.stdout)).toMatchObject({ messages: { sent: 1 } });
    expect((await server.read()).size).toBe(1);
  }, 60_000);

  test("says what to use instead for what only the binary can", async () => {
    await using home = await tempDir();
    const { exitCode, stderr } = await npx(home.path, ["serve"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("'serve' is in the pi-opensync binary");
    const { stdout } = await npx(home.path, ["setup", "--yes", "--local"]);
    expect(stdout).toContain("The server is in the pi-opensync binary");
  }, 60_000);
});

/** How the extension gets into pi, and the arguments that a prompt then takes. */
const ways: Record<string, (box: PiSandbox) => Promise<string[]>> = {
  "a folder, for one run": () => Promise.resolve(["-e", packed]),
  "a file, for one run": () => Promise.resolve(["-e", join(packed, "extension.js")]),
  async "a folder, installed"(box) {
    await install(box, packed);
    return [];
  },
  async "sources without any package, in the folder of extensions"(box) {
    await copySources(join(box.agentDir, "extensions/pi-opensync"));
    return [];
  },
  async "sources from git"(box) {
    await install(box, await gitRepository(box));
    return [];
  },
  async "a package from npm"(box) {
    await install(box, "npm:pi-opensync");
    return [];
  },
};

for (const target of await piTargets()) {
  describe(`${target.name} sends with`, () => {
    for (const [way, prepare] of Object.entries(ways)) {
      test(
        way,
        async () => {
          await using server = await testServer();
          await using box = await sandbox(target, server);
          const options = await prepare(box);
          const { exitCode, stdout, stderr } = await box.run(...options, "-p", "hello");
          expect({ exitCode, stdout, stderr }).toMatchObject({
            exitCode: 0,
            stdout: "You said: hello\n",
            stderr: "",
          });
          expect(box.sessionFiles()).toHaveLength(1);
          await expectDelivered(server, () => box.sessionFiles());
        },
        60_000,
      );
    }

    test("pi's own packages within reach of the package", async () => {
      await using server = await testServer();
      await using box = await sandbox(target, server);
      const probe = join(box.home, "probe.ts");
      await writeFile(probe, probeSource);
      const { stderr } = await box.run("-e", packed, "-e", probe, "-p", "hello");
      expect(stderr).toContain("same: true");
    });
  });
}

/** An extension that says whether another one gets the very packages that pi runs with. */
const probeSource = `
export default (pi) =>
  pi.on("session_start", async () => {
    const load = globalThis[Symbol.for("pi-opensync.import")];
    const [ours, own] = [await load("@mariozechner/pi-tui"), await import("@mariozechner/pi-tui")];
    console.error("same:", own.SettingsList !== undefined && ours.SettingsList === own.SettingsList);
  });
`;

function sandbox(target: PiTarget, { server }: TestServer): Promise<PiSandbox> {
  return piSandbox({
    target,
    extensions: [],
    config: { url: server.url, apiKey: server.apiKey },
    env: {
      npm_config_registry: registry.url,
      npm_config_prefix: join(temp.path, "npm", target.version),
      npm_config_update_notifier: "false",
    },
  });
}

async function install(box: PiSandbox, source: string): Promise<void> {
  const { exitCode, stderr } = await box.run("install", source);
  if (exitCode !== 0) throw new Error(`cannot install ${source}:\n${stderr}`);
}

/** What of a clone takes part when pi loads the extension from it. */
async function copySources(dir: string): Promise<void> {
  for (const name of ["package.json", "extension", "lib"]) {
    await cp(join(root, name), join(dir, name), { recursive: true });
  }
}

/** A repository of the sources on this machine, by an address as of one on a server. */
async function gitRepository(box: PiSandbox): Promise<string> {
  const dir = join(box.home, "git/someone/pi-opensync");
  await copySources(dir);
  const author = ["-c", "user.name=Someone", "-c", "user.email=someone@example.com"];
  const git = (...args: string[]): Promise<string> => run(dir, box.env, "git", ...args);
  await git("init", "--quiet");
  await git("add", ".");
  await git(...author, "commit", "--quiet", "--message", "Everything");
  const base = `file://${join(box.home, "git")}/`;
  await git("config", "--global", `url.${base}.insteadOf`, "https://git.example.com/");
  // pi would have npm install what only the command line program needs.
  const settings = join(box.agentDir, "settings.json");
  const withoutNpm = { ...JSON.parse(await readFile(settings, "utf8")), npmCommand: ["true"] };
  await writeFile(settings, JSON.stringify(withoutNpm));
  return "git:git.example.com/someone/pi-opensync";
}

interface Registry extends AsyncDisposable {
  url: string;
}

/** A registry on this machine that has the package. */
async function npmRegistry(): Promise<Registry> {
  const archive = join(temp.path, `pi-opensync-${manifest.version}.tgz`);
  await npm(packed, "pack", "--silent", "--pack-destination", temp.path);
  const described = JSON.parse(await readFile(join(packed, "package.json"), "utf8")) as object;
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch({ url }) {
      const { pathname, origin } = new URL(url);
      if (pathname === "/archive.tgz") return new Response(Bun.file(archive));
      if (pathname !== "/pi-opensync") return new Response("{}", { status: 404 });
      const dist = { tarball: `${origin}/archive.tgz` };
      return Response.json({
        name: "pi-opensync",
        "dist-tags": { latest: manifest.version },
        versions: { [manifest.version]: { ...described, dist } },
      });
    },
  });
  return { url: server.url.href, [Symbol.asyncDispose]: () => server.stop(true) };
}

async function listFiles(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(dir.length + 1))
    .sort();
}

/** The names of the files that a module imports. */
async function listImports(path: string): Promise<string[]> {
  const code = await readFile(path, "utf8");
  const { imports } = new Bun.Transpiler().scan(code);
  return imports.map((found) => found.path.slice(found.path.lastIndexOf("/") + 1));
}

function npm(cwd: string, ...args: string[]): Promise<string> {
  return run(cwd, process.env, "npm", ...args);
}

async function run(cwd: string, env: Env, ...command: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await runToEnd(cwd, command, env);
  if (exitCode !== 0) throw new Error(`${command.join(" ")} failed:\n${stderr}`);
  return stdout;
}

interface Ran {
  exitCode: number;
  stdout: string;
  stderr: string;
}

async function runToEnd(cwd: string, command: string[], env: Env): Promise<Ran> {
  const child = Bun.spawn(command, { cwd, env: { ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { exitCode: await child.exited, stdout, stderr };
}
