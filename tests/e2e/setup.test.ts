/** `setup` and `uninstall` of the compiled binary, without a terminal. */

import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rmdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { expiredCertificate, hasOpenssl } from "../support/certificate.ts";
import { binary } from "../support/cli.ts";
import type { CliResult } from "../support/cli.ts";
import { testServer } from "../support/server.ts";
import { tempDir } from "../support/temp.ts";

const wrongKey = `osk_${"w".repeat(32)}`;
const localKey = ".local/share/pi-opensync/api-key";

/** A home folder in which the binary runs. */
interface Home extends AsyncDisposable {
  path: string;
  run(
    args: readonly string[],
    options?: { stdin?: string; env?: Record<string, string> },
  ): Promise<CliResult>;
  write(path: string, content: unknown): Promise<void>;
  read(path: string): Promise<string>;
  readJson(path: string): Promise<unknown>;
  has(path: string): boolean;
}

const configPath = ".config/pi-opensync/config.json";
const settingsPath = ".pi/agent/settings.json";

async function newHome(): Promise<Home> {
  const dir = await tempDir();
  const at = (path: string): string => join(dir.path, path);
  const read = (path: string): Promise<string> => readFile(at(path), "utf8");
  return {
    path: dir.path,
    async run(args, { stdin = "", env } = {}) {
      const child = Bun.spawn([binary, ...args], {
        cwd: dir.path,
        env: { HOME: dir.path, PATH: "/usr/bin:/bin", ...env },
        stdin: new Blob([stdin]),
        stdout: "pipe",
        stderr: "pipe",
      });
      const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
      return { exitCode: await child.exited, stdout, stderr };
    },
    async write(path, content) {
      await mkdir(dirname(at(path)), { recursive: true });
      await writeFile(at(path), typeof content === "string" ? content : JSON.stringify(content));
    },
    read,
    readJson: async (path) => JSON.parse(await read(path)) as unknown,
    has: (path) => existsSync(at(path)),
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

/** Everything in the home folder, but what the binary's runtime leaves there. */
async function listFiles({ path }: Home): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort();
}

describe("setup with flags", () => {
  test("writes server and key, and tells pi", async () => {
    await using server = await testServer();
    await using home = await newHome();
    const { url, apiKey } = server.server;
    const args = ["setup", "--yes", "--url", `${url}/health`, "--key-stdin", "--thinking", "yes"];
    const result = await home.run([...args, "--exclude", "~/private/**,~/b"], {
      stdin: `${apiKey}\n`,
    });
    expect(result).toEqual({
      exitCode: 0,
      stdout: [
        "~/.config/pi-opensync/config.json is written.",
        "pi loads npm:pi-opensync, from its next start on.",
        "Start pi and work as always: sessions are sent while they go on.",
        "Look whether all is well: pi-opensync doctor",
        "",
      ].join("\n"),
      stderr: "",
    });
    expect(await home.readJson(configPath)).toEqual({
      url,
      apiKey,
      syncThinking: true,
      exclude: ["~/private/**", "~/b"],
    });
    expect((await stat(join(home.path, configPath))).mode & 0o777).toBe(0o600);
    expect(await home.readJson(settingsPath)).toEqual({ packages: ["npm:pi-opensync"] });
    expect(await server.read()).toEqual(new Map());
  });

  test("again, changes only what is asked", async () => {
    await using server = await testServer();
    await using home = await newHome();
    const { url, apiKey } = server.server;
    await home.write(configPath, { mine: 1, url, apiKey });
    await home.write(settingsPath, { packages: ["npm:pi-opensync"] });
    const settings = await home.read(settingsPath);
    const { exitCode, stdout } = await home.run(["setup", "--yes", "--redact", "no"]);
    expect({ exitCode, first: stdout.split("\n")[0] }).toEqual({
      exitCode: 0,
      first: "~/.config/pi-opensync/config.json is written.",
    });
    expect(await home.readJson(configPath)).toEqual({ mine: 1, url, apiKey, redact: false });
    expect(await home.read(settingsPath)).toBe(settings);
    const again = await home.run(["setup", "--yes"]);
    expect(again.stdout).toStartWith(
      "~/.config/pi-opensync/config.json is as it was.\npi loads npm:pi-opensync.\n",
    );
  });

  test("--json gives one document, without the key", async () => {
    await using server = await testServer();
    await using home = await newHome();
    const { url, apiKey } = server.server;
    const args = ["setup", "--yes", "--json", "--url", url, "--key-stdin"];
    const { exitCode, stdout, stderr } = await home.run(args, { stdin: apiKey });
    expect({ exitCode, stderr, document: JSON.parse(stdout) as unknown }).toEqual({
      exitCode: 0,
      stderr: "",
      document: {
        schemaVersion: 1,
        warnings: [],
        config: {
          path: join(home.path, configPath),
          url,
          apiKey: `osk_…${apiKey.slice(-4)}`,
          changed: ["url", "apiKey"],
        },
        isServerRunning: true,
        pi: {
          agentDir: join(home.path, ".pi/agent"),
          installations: [],
          registered: { isChanged: true, source: "npm:pi-opensync", replaced: [] },
          olderRemoved: [],
        },
      },
    });
  });

  test("--local takes the key of the server on this machine, and says how to start it", async () => {
    await using home = await newHome();
    const { exitCode, stdout } = await home.run(["setup", "--local", "--yes", "--skip-check"]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("Start the server: pi-opensync serve --backfill");
    expect(await home.readJson(configPath)).toEqual({
      url: "http://127.0.0.1:4747",
      apiKey: (await home.read(localKey)).trim(),
    });
  });

  test("--from takes over server, key and settings of another plugin", async () => {
    await using server = await testServer();
    await using home = await newHome();
    const { url, apiKey } = server.server;
    const older = { convexUrl: url, apiKey, autoSync: false, syncThinking: true };
    await home.write(".config/pi-opensync-plugin/config.json", older);
    await home.run(["setup", "--yes", "--from", "pi-opensync-plugin"]);
    expect(await home.readJson(configPath)).toEqual({
      url,
      apiKey,
      autoSync: false,
      syncThinking: true,
    });
    const { exitCode, stderr } = await home.run(["setup", "--yes", "--from", "codex-sync"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("There are those of: pi-opensync-plugin.");
  });

  test("the older plugin is named, and taken out when it is asked for", async () => {
    await using server = await testServer();
    await using home = await newHome();
    const { url, apiKey } = server.server;
    const older = "https://github.com/someone/pi-opensync-plugin";
    await home.write(configPath, { url, apiKey });
    await home.write(settingsPath, { packages: [older] });
    const warned = await home.run(["setup", "--yes"]);
    expect(warned.stderr).toContain(
      "sends every session once more. --remove-older yes takes it out.",
    );
    expect(await home.readJson(settingsPath)).toEqual({ packages: [older, "npm:pi-opensync"] });
    const removed = await home.run(["setup", "--yes", "--remove-older", "yes"]);
    expect(removed.stderr).toBe("");
    expect(await home.readJson(settingsPath)).toEqual({ packages: ["npm:pi-opensync"] });
  });

  test("pi's settings are changed once another program has let go of them", async () => {
    await using home = await newHome();
    await home.write(settingsPath, {});
    const lockPath = join(home.path, `${settingsPath}.lock`);
    await mkdir(lockPath);
    const running = home.run(["setup", "--yes", "--local", "--skip-check"]);
    await Bun.sleep(1000);
    expect(await home.readJson(settingsPath)).toEqual({});
    await rmdir(lockPath);
    expect((await running).exitCode).toBe(0);
    expect(await home.readJson(settingsPath)).toEqual({ packages: ["npm:pi-opensync"] });
  });

  test("--package registers a clone, and --register no nothing", async () => {
    await using home = await newHome();
    await home.write(configPath, { url: "https://api.opensync.dev", apiKey: wrongKey });
    await home.write("clone/package.json", { name: "pi-opensync" });
    await home.run(["setup", "--yes", "--skip-check", "--register", "no"]);
    expect(home.has(settingsPath)).toBe(false);
    await home.run(["setup", "--yes", "--skip-check", "--package", "./clone"]);
    expect(await home.readJson(settingsPath)).toEqual({ packages: [join(home.path, "clone")] });
  });

  test("--backfill shows, and sends, the sessions that are here", async () => {
    await using server = await testServer();
    await using home = await newHome();
    const { url, apiKey } = server.server;
    await home.write(configPath, { url, apiKey });
    const fixture = join(import.meta.dirname, "../fixtures/sessions/pi-0.73.1_main_v3.jsonl");
    await home.write(".pi/agent/sessions/a/one.jsonl", await readFile(fixture, "utf8"));
    const dry = await home.run(["setup", "--yes", "--backfill", "dry-run"]);
    expect(dry.stdout).toContain("would be sent  1 session");
    expect(await server.read()).toEqual(new Map());
    const { exitCode, stdout } = await home.run(["setup", "--yes", "--backfill", "yes"]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/sent +1 session/);
    expect((await server.read()).size).toBe(1);
  });
});

describe("what can't be set up is said, and nothing is written", () => {
  const cases: [what: string, args: string[], stdin: string, exitCode: number, said: string][] = [
    ["no terminal", [], "", 2, "Say all with flags: --yes"],
    ["no server", ["--yes"], "", 3, "Give --url with --key-stdin, or --local"],
    ["no key", ["--yes", "--url", "https://a.example"], "", 3, "Give it with --key-stdin"],
    [
      "an empty key",
      ["--yes", "--url", "https://a.example", "--key-stdin"],
      " \n",
      2,
      "there is no key on stdin",
    ],
    [
      "a dead port",
      ["--yes", "--url", "http://127.0.0.1:1", "--key-stdin"],
      wrongKey,
      5,
      "could not be reached",
    ],
    ["no address", ["--yes", "--url", "ftp://a", "--key-stdin"], wrongKey, 2, "starts with ftp://"],
    ["a key as address", ["--yes", "--url", wrongKey, "--key-stdin"], wrongKey, 2, "is an API key"],
    [
      "two servers",
      ["--yes", "--local", "--url", "https://a.example"],
      "",
      2,
      "exclude each other",
    ],
    ["yes and no", ["--yes", "--thinking", "maybe"], "", 2, "--thinking is yes or no"],
    [
      "no package",
      ["--yes", "--local", "--package", "./x"],
      "",
      2,
      "There is no pi-opensync at './x'",
    ],
  ];

  test.each(cases)("%s", async (_what, args, stdin, exitCode, said) => {
    await using home = await newHome();
    const result = await home.run(["setup", ...args], { stdin });
    expect({ exitCode: result.exitCode, stdout: result.stdout }).toEqual({ exitCode, stdout: "" });
    expect(result.stderr).toContain(said);
    expect(result.stderr).not.toContain(wrongKey);
    expect(await listFiles(home)).toEqual([]);
  });

  test("a wrong key", async () => {
    await using server = await testServer();
    await using home = await newHome();
    const args = ["setup", "--yes", "--url", server.server.url, "--key-stdin"];
    const { exitCode, stderr } = await home.run(args, { stdin: wrongKey });
    expect(exitCode).toBe(4);
    expect(stderr).toContain("does not accept the API key");
    expect(await listFiles(home)).toEqual([]);
  });

  test("a web page in the place of the API", async () => {
    const headers = { "content-type": "text/html" };
    const answer = (): Response =>
      new Response("<!doctype html><title>OpenSync</title>", { headers });
    await using page = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: answer as never });
    await using home = await newHome();
    const args = ["setup", "--yes", "--url", page.url.href, "--key-stdin"];
    const { exitCode, stderr } = await home.run(args, { stdin: wrongKey });
    expect(exitCode).toBe(5);
    expect(stderr).toContain(
      "Check the address: https://api.opensync.dev, or https://<deployment>",
    );
    expect(await listFiles(home)).toEqual([]);
  });

  test.skipIf(!hasOpenssl)("a certificate that is not trusted", async () => {
    await using home = await newHome();
    await using keys = await tempDir();
    await using server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      tls: await expiredCertificate(keys.path),
      fetch: (() => new Response("")) as never,
    });
    const args = ["setup", "--yes", "--url", server.url.href, "--key-stdin"];
    const { exitCode, stderr } = await home.run(args, { stdin: wrongKey });
    expect(exitCode).toBe(5);
    expect(stderr).toContain("No trusted connection to OpenSync at https://127.0.0.1:");
    expect(stderr).toContain("NODE_EXTRA_CA_CERTS");
    expect(await listFiles(home)).toEqual([]);
  });

  test("another server with the key of the one before", async () => {
    await using server = await testServer();
    await using home = await newHome();
    const config = JSON.stringify({ url: "https://a.example", apiKey: server.server.apiKey });
    await home.write(configPath, config);
    const { exitCode, stderr } = await home.run(["setup", "--yes", "--url", server.server.url]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("belongs to another server");
    expect(await home.read(configPath)).toBe(config);
  });

  test("a server that a variable of the environment overrides", async () => {
    await using home = await newHome();
    const env = { PI_OPENSYNC_CONVEX_URL: "https://a.example" };
    const { exitCode, stderr } = await home.run(["setup", "--yes", "--local"], { env });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("URL is set by the variable PI_OPENSYNC_CONVEX_URL.");
    expect(await listFiles(home)).toEqual([]);
  });

  test("settings of pi that are no JSON: told, and left alone", async () => {
    await using home = await newHome();
    await home.write(settingsPath, "{broken");
    const { exitCode, stderr } = await home.run(["setup", "--yes", "--local", "--skip-check"]);
    expect(exitCode).toBe(0);
    expect(stderr).toContain("is not valid JSON (line 1, column 2)");
    expect(await home.read(settingsPath)).toBe("{broken");
    const asked = await home.run([
      "setup",
      "--yes",
      "--local",
      "--skip-check",
      "--register",
      "yes",
    ]);
    expect(asked.exitCode).toBe(2);
  });
});

describe("uninstall", () => {
  test("takes ours out of pi, and keeps the rest", async () => {
    await using home = await newHome();
    const config = { url: "https://api.opensync.dev", apiKey: wrongKey };
    await home.write(configPath, config);
    await home.write(settingsPath, { packages: ["npm:other", "npm:pi-opensync"] });
    const { exitCode, stdout, stderr } = await home.run(["uninstall", "--yes"]);
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 0,
      stdout: [
        "pi does not load npm:pi-opensync any more.",
        "What was sent stays on the server. Delete it there: https://app.opensync.dev",
        "",
      ].join("\n"),
      stderr: "",
    });
    expect(await home.readJson(settingsPath)).toEqual({ packages: ["npm:other"] });
    expect(await home.readJson(configPath)).toEqual(config);
  });

  test("--purge leaves of a setup only what is pi's, and the server's data", async () => {
    await using home = await newHome();
    await home.write(settingsPath, '{\n  "theme": "dark",\n  "packages": []\n}\n');
    const before = await home.read(settingsPath);
    await home.run(["setup", "--local", "--yes", "--skip-check"]);
    await home.write(".local/state/pi-opensync/spool/a.jsonl", "{}");
    const { exitCode, stdout } = await home.run(["uninstall", "--yes", "--purge", "--json"]);
    expect({ exitCode, document: JSON.parse(stdout) as unknown }).toEqual({
      exitCode: 0,
      document: {
        schemaVersion: 1,
        unregistered: ["npm:pi-opensync"],
        folders: [],
        deleted: [configPath, ".local/state/pi-opensync", `${settingsPath}.before-pi-opensync`].map(
          (path) => join(home.path, path),
        ),
        backups: [],
        stays: ["The sessions of the server on this machine stay in ~/.local/share/pi-opensync"],
      },
    });
    expect(await listFiles(home)).toEqual([localKey, settingsPath]);
    expect(await home.read(settingsPath)).toBe(before);
  });

  test("names a clone in pi's folder of extensions, which it does not delete", async () => {
    await using home = await newHome();
    await home.write(".pi/agent/extensions/mine/package.json", { name: "pi-opensync" });
    const { stdout } = await home.run(["uninstall", "--yes", "--purge"]);
    expect(stdout).toContain("pi still loads ~/.pi/agent/extensions/mine: delete that folder.");
    expect(home.has(".pi/agent/extensions/mine/package.json")).toBe(true);
  });

  test("without a terminal needs --yes", async () => {
    await using home = await newHome();
    await home.write(settingsPath, { packages: ["npm:pi-opensync"] });
    const { exitCode, stderr } = await home.run(["uninstall", "--purge"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("Give --yes");
    expect(await home.readJson(settingsPath)).toEqual({ packages: ["npm:pi-opensync"] });
  });
});
