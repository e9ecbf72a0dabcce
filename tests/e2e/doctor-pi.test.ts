import { describe, expect, test } from "bun:test";
import { chmod, cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { Check } from "../../lib/doctor/check.ts";
import { runCli, startServe } from "../support/cli.ts";
import type { CliResult } from "../support/cli.ts";
import { piTargets } from "../support/pi/install.ts";
import type { PiTarget } from "../support/pi/targets.ts";
import { SessionBuilder } from "../support/session.ts";
import { tempDir } from "../support/temp.ts";

const targets = await piTargets();
const repository = join(import.meta.dirname, "../..");

/** A person's machine: what stands on the PATH, and what pi is told to load. */
interface Machine extends AsyncDisposable {
  home: string;
  /** Runs `doctor`. */
  doctor(...args: string[]): Promise<CliResult>;
  /** Runs `doctor --json --offline` and gives all of it that is about pi. */
  checkPi(...args: string[]): Promise<Check[]>;
  settings(settings: object): Promise<void>;
  readSettings(): Promise<Record<string, unknown>>;
}

async function machine(env: Readonly<Record<string, string>> = {}): Promise<Machine> {
  const dir = await tempDir();
  const home = dir.path;
  const settingsFile = join(home, ".pi/agent/settings.json");
  const PATH = `${join(home, "bin")}:/bin`;
  await mkdir(join(home, "bin"));
  const doctor = (...args: string[]): Promise<CliResult> =>
    runCli(home, ["doctor", ...args], { PATH, ...env });
  return {
    home,
    doctor,
    async checkPi(...args) {
      const { stdout } = await doctor("--json", "--offline", ...args);
      const { checks } = JSON.parse(stdout) as { checks: Check[] };
      return checks.filter(({ id }) => id.startsWith("pi-"));
    },
    settings: (settings) => write(settingsFile, JSON.stringify(settings)),
    readSettings: async () => JSON.parse(await readFile(settingsFile, "utf8")) as never,
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

/** Puts a pi and its Node on the PATH, as npm does. */
async function install({ home }: Machine, { command }: PiTarget): Promise<void> {
  const [node = "", program = ""] = command;
  await symlink(node, join(home, "bin/node"));
  await symlink(program, join(home, "bin/pi"));
}

/** Puts a script on the PATH that stands in a package of pi's name. */
async function installScript({ home }: Machine, version: string, script: string): Promise<void> {
  const dir = join(home, "node_modules/@mariozechner/pi-coding-agent");
  await write(
    join(dir, "package.json"),
    JSON.stringify({ name: "@mariozechner/pi-coding-agent", version }),
  );
  await write(join(dir, "cli.sh"), `#!/bin/sh\n${script}\n`);
  await chmod(join(dir, "cli.sh"), 0o755);
  await symlink(join(dir, "cli.sh"), join(home, "bin/pi"));
}

/** An answer to `get_commands` in which there are none. */
const loadsNothing = `read line; echo '{"id":"doctor","success":true,"data":{"commands":[]}}'`;

/** A package that pi can load, under our name. */
async function packageWith(home: string, name: string, source: string): Promise<string> {
  const dir = join(home, name);
  const manifest = { name, version: "0.0.1", pi: { extensions: ["./index.ts"] } };
  await write(join(dir, "package.json"), JSON.stringify(manifest));
  await write(join(dir, "index.ts"), source);
  return dir;
}

const registers = 'export default (pi: any) => pi.registerCommand("opensync", { handler() {} });\n';

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

const statuses = (checks: readonly Check[]): Record<string, string> =>
  Object.fromEntries(checks.map(({ id, status }) => [id, status]));

const troubles = (checks: readonly Check[]): Check[] =>
  checks.filter(({ status }) => status !== "well");

describe.each(targets)("$name", (target) => {
  test("all is well: 0, and 1 with --strict where something waits", async () => {
    await using cloud = await tempDir();
    await using server = await startServe(cloud.path);
    await using here = await machine(server.env());
    await install(here, target);
    await here.settings({ packages: [repository] });
    const session = new SessionBuilder();
    session.user("Hello");
    await write(join(here.home, ".pi/agent/sessions/--x--/one.jsonl"), session.toJsonl());
    const waiting = await here.doctor();
    expect(waiting.stdout).toContain("✓ Loaded        pi starts, and /opensync is there.");
    expect(waiting.stdout).toContain(`pi, version ${target.version}.`);
    expect(waiting.stdout).toContain(
      "! Sent          0 sessions with 0 messages sent, 1 never sent.",
    );
    expect(waiting.stdout).toEndWith("\n1 !   16 ✓\n");
    expect(waiting.exitCode).toBe(0);
    // Starting pi has sent nothing.
    const strict = await here.doctor("--strict", "--json");
    expect(strict.exitCode).toBe(1);
    expect(JSON.parse(strict.stdout).facts.progress.sessions).toMatchObject({ new: 1, synced: 0 });
    await runCli(here.home, ["backfill"], server.env());
    const well = await here.doctor("--strict");
    expect(well.exitCode).toBe(0);
    expect(well.stdout).toEndWith("\nAll is well.\n");
  }, 60_000);

  test("a package that is switched off", async () => {
    await using here = await machine();
    await install(here, target);
    await here.settings({ packages: [{ source: repository, extensions: [] }] });
    const [trouble, ...more] = troubles(await here.checkPi());
    expect(more).toEqual([]);
    expect(trouble).toMatchObject({ id: "pi-enabled", status: "failure" });
    expect(trouble?.found).toContain("its extension is switched off");
  }, 30_000);

  test("an extension that throws when it is loaded", async () => {
    await using here = await machine();
    await install(here, target);
    const source = 'export default () => { throw new Error("out of order"); };\n';
    await here.settings({ packages: [await packageWith(here.home, "pi-opensync", source)] });
    const [trouble, ...more] = troubles(await here.checkPi());
    expect(more).toEqual([]);
    expect(trouble).toMatchObject({ id: "pi-loaded", status: "failure" });
    expect(trouble?.found).toContain("out of order");
  }, 30_000);

  test("two copies of the extension", async () => {
    await using here = await machine();
    await install(here, target);
    await here.settings({ packages: [repository] });
    const copy = await packageWith(here.home, "pi-opensync", registers);
    await cp(copy, join(here.home, ".pi/agent/extensions/pi-opensync"), { recursive: true });
    const [trouble] = troubles(await here.checkPi());
    expect(trouble).toMatchObject({ id: "pi-loaded", status: "failure" });
    expect(trouble?.found).toContain("pi loads the extension 2 times");
  }, 30_000);

  test("the older plugin beside ours", async () => {
    await using here = await machine();
    await install(here, target);
    const older = await packageWith(here.home, "pi-opensync-plugin", registers);
    await here.settings({ packages: [repository, older] });
    const found = troubles(await here.checkPi());
    expect(found).toMatchObject([
      { id: "pi-older-plugin", status: "failure", fix: `pi remove ${older}` },
    ]);
    expect(found[0]?.why).toContain("twice");
  }, 30_000);

  test("another version of the extension", async () => {
    await using here = await machine();
    await install(here, target);
    await here.settings({ packages: [await packageWith(here.home, "pi-opensync", registers)] });
    expect(troubles(await here.checkPi())).toMatchObject([
      { id: "pi-extension-version", status: "warning" },
    ]);
  }, 30_000);
});

test("no pi", async () => {
  await using here = await machine();
  await here.settings({ packages: ["npm:pi-opensync"] });
  expect(statuses(await here.checkPi())).toEqual({
    "pi-version": "failure",
    "pi-registered": "well",
  });
});

test("a pi that is too old", async () => {
  await using here = await machine();
  await installScript(here, "0.49.3", loadsNothing);
  const [version] = await here.checkPi();
  expect(version).toMatchObject({ id: "pi-version", status: "failure" });
  expect(version?.found).toContain("version 0.49.3, is older than 0.73.0");
});

test("a package that is registered and not there", async () => {
  await using here = await machine();
  await installScript(here, "1.5.2", loadsNothing);
  await here.settings({ packages: ["npm:pi-opensync"] });
  expect(troubles(await here.checkPi())).toMatchObject([
    { id: "pi-loaded", status: "failure", fix: "pi install npm:pi-opensync" },
  ]);
});

test("a package that is not registered, and --fix", async () => {
  await using here = await machine();
  await installScript(here, "1.5.2", loadsNothing);
  await here.settings({ theme: "dark" });
  expect(troubles(await here.checkPi())).toMatchObject([
    { id: "pi-registered", status: "failure", fix: "pi-opensync doctor --fix" },
  ]);
  expect(await here.readSettings()).toEqual({ theme: "dark" });
  const { stdout } = await here.doctor("--offline", "--fix");
  expect(stdout).toStartWith("Mended: the registration with pi\n\n");
  expect(await here.readSettings()).toEqual({ theme: "dark", packages: ["npm:pi-opensync"] });
});

test("settings of pi's that are no JSON are told of, and left alone by --fix", async () => {
  await using here = await machine();
  await installScript(here, "1.5.2", loadsNothing);
  const path = join(here.home, ".pi/agent/settings.json");
  await write(path, '{"theme": "dark",');
  const [trouble] = troubles(await here.checkPi("--fix"));
  expect(trouble).toMatchObject({ id: "pi-registered", status: "failure" });
  expect(trouble?.found).toContain("is not valid JSON");
  expect(await readFile(path, "utf8")).toBe('{"theme": "dark",');
});
