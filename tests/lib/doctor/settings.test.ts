/** Every trouble of settings sync with the real thing behind it. */

import { expect, test } from "bun:test";
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Check } from "../../../lib/doctor/check.ts";
import type { Facts } from "../../../lib/doctor/facts.ts";
import { hideOwner } from "../../../lib/doctor/hide-owner.ts";
import { judge } from "../../../lib/doctor/judge.ts";
import { repair } from "../../../lib/doctor/repair.ts";
import { systemClock } from "../../../lib/platform/clock.ts";
import type { Clock } from "../../../lib/platform/clock.ts";
import { resolvePaths } from "../../../lib/platform/paths.ts";
import { examine } from "../../../lib/settings/commands/doctor.ts";
import type { CommandOptions, Dialogue } from "../../../lib/settings/commands/dialogue.ts";
import { settingsLock } from "../../../lib/settings/context.ts";
import type { SettingsTools } from "../../../lib/settings/context.ts";
import { generateIdentity } from "../../../lib/settings/remote/seal.ts";
import { eagerClock } from "../../support/eager-clock.ts";
import { startS3Server, testCredentials } from "../../support/s3-server/server.ts";
import type { S3Server } from "../../support/s3-server/server.ts";
import { settingsMachine } from "../../support/settings-machine.ts";
import type { SettingsMachine } from "../../support/settings-machine.ts";
import { tempDir } from "../../support/temp.ts";

const { signal } = new AbortController();
const nobody: Dialogue = {
  isInteractive: false,
  say: () => {},
  confirm: () => Promise.resolve(false),
  choose: () => Promise.resolve(undefined),
  ask: () => Promise.resolve(undefined),
};
const options: CommandOptions = {
  words: [],
  yes: false,
  force: false,
  stale: false,
  dryRun: false,
  signal,
};

interface Diagnosis {
  lines: readonly string[];
  checks: readonly Check[];
  facts: Facts;
  outcome: string;
  /** The check of this id. */
  of: (id: string) => Check;
  /** The ids of all that is not well. */
  troubles: string[];
}

function toolsOf({ env, name }: SettingsMachine, clock: Clock, more = {}): SettingsTools {
  const paths = resolvePaths(env, "linux");
  return { env: { ...env, ...more }, paths, clock, fetch: globalThis.fetch, hostname: name };
}

/** What `settings doctor` says; waits between tries are over at once. */
async function diagnose(
  machine: SettingsMachine,
  env: Record<string, string> = {},
  clock: Clock = eagerClock(),
): Promise<Diagnosis> {
  const tools = toolsOf(machine, clock, env);
  const { checks = [], lines, document, outcome } = await examine(tools, nobody, options);
  return {
    lines,
    checks,
    outcome,
    facts: document["facts"] as Facts,
    of: (id) => {
      const found = checks.find((check) => check.id === id);
      if (!found) throw new Error(`no ${id} among ${checks.map((check) => check.id).join()}`);
      return found;
    },
    troubles: checks.filter(({ status }) => status !== "well").map(({ id }) => id),
  };
}

function settingsFor(server: S3Server): Record<string, unknown> {
  const { url: endpoint, bucket, region } = server;
  return { endpoint, bucket, region, ...testCredentials };
}

/** A machine that has synced two files with a folder. */
async function syncedMachine(root: string, name = "ada", more = {}): Promise<SettingsMachine> {
  const machine = await settingsMachine({
    root,
    name,
    settings: { endpoint: join(root, "store"), ...more },
  });
  await machine.write("AGENTS.md", "Be brief.\n");
  await machine.write("settings.json", '{ "theme": "dark" }\n');
  await machine.run("sync");
  return machine;
}

test("all is well, on a screen", async () => {
  await using dir = await tempDir();
  const machine = await syncedMachine(dir.path);
  const { lines, outcome } = await diagnose(machine);
  const text = lines
    .join("\n")
    .replaceAll(dir.path, "/d")
    .replaceAll(/\d+ ms/g, "0 ms");
  expect(`\n${text}\n`).toBe(`
✓ Settings sync With the folder /d/store, profile default. From ~/.config/pi-opensync/config.json.
✓ Storage       Answers within 0 ms, and holds 2 files; the newest snapshot is #1, 0 min old, from ada.
✓ Two at once   Of two machines that write at once, one waits for the other.
✓ Encryption    Off: who can read the storage can read the settings.
✓ Both sides    2 files, the same as in the storage.
✓ Secrets       None in what waits to be sent.

All is well.
`);
  expect(outcome).toBe("well");
  expect(await readdir(join(dir.path, "store/pi-sync/profiles/default"))).not.toContain("probe");
});

test("nothing is configured", async () => {
  await using dir = await tempDir();
  const machine = await settingsMachine({ root: dir.path, name: "ada", settings: {} });
  const { of, outcome, troubles } = await diagnose(machine);
  expect(troubles).toEqual(["settings-config"]);
  expect(of("settings-config").found).toContain("is not set up yet");
  expect(outcome).toBe("attention");
});

test("a configuration that can't be used", async () => {
  await using dir = await tempDir();
  const settings = { endpoint: "http://storage.example.com" };
  const machine = await settingsMachine({ root: dir.path, name: "ada", settings });
  const { facts, of, troubles } = await diagnose(machine);
  expect(troubles).toEqual(["settings-config"]);
  expect(of("settings-config").found).toContain('"endpoint" in "settings" of');
  expect(JSON.stringify(hideOwner(facts.settings!))).not.toContain("storage.example");
});

test("a credential that can't be had", async () => {
  await using dir = await tempDir();
  await using server = await startS3Server();
  const settings = { ...settingsFor(server), secretAccessKey: "!exit 7" };
  const machine = await settingsMachine({ root: dir.path, name: "ada", settings });
  const { of, troubles } = await diagnose(machine);
  expect(troubles).toEqual(["settings-config"]);
  expect(of("settings-config").found).toContain("exit code 7");
});

test("automatic sync that is off", async () => {
  await using dir = await tempDir();
  const machine = await syncedMachine(dir.path);
  const { of, troubles } = await diagnose(machine, { PI_SYNC_AUTO_SYNC: "false" });
  expect(troubles).toEqual(["settings-auto-sync"]);
  expect(of("settings-auto-sync").fix).toBe("unset PI_SYNC_AUTO_SYNC");
});

test("a bucket that is well, with a clock that is wrong", async () => {
  await using dir = await tempDir();
  await using server = await startS3Server({ clockOffsetMs: 3 * 3_600_000 });
  const machine = await settingsMachine({
    root: dir.path,
    name: "ada",
    settings: settingsFor(server),
  });
  await machine.write("AGENTS.md", "Be brief.\n");
  const { of, troubles } = await diagnose(machine);
  expect(troubles).toEqual(["settings-sides"]);
  expect(of("settings-sides").found).toBe("1 file to send.");
  expect(of("settings-storage").found).toEndWith("and holds nothing.");
  expect(of("settings-creation").status).toBe("well");
  // What it tried with is gone.
  expect([...server.objects.keys()]).toEqual([]);
});

test.each<[string, Record<string, string>, string, string]>([
  ["another secret", { secretAccessKey: "another/Secret" }, "SignatureDoesNotMatch", "Copy the"],
  ["an unknown key", { accessKeyId: "AKIDOTHER" }, "InvalidAccessKeyId", "does not know this"],
  ["another bucket", { bucket: "elsewhere" }, "NoSuchBucket", "Make the bucket"],
  ["another region", { region: "us-test-9" }, "AuthorizationHeaderMalformed", "region eu-test-1"],
])("%s", async (_, wrong, code, fix) => {
  await using dir = await tempDir();
  await using server = await startS3Server();
  const settings = { ...settingsFor(server), ...wrong };
  const machine = await settingsMachine({ root: dir.path, name: "ada", settings });
  const { facts, of, troubles } = await diagnose(machine);
  expect(troubles).toEqual(["settings-storage"]);
  expect(of("settings-storage").found).toContain(code);
  expect(of("settings-storage").fix).toContain(fix);
  for (const secret of [testCredentials.secretAccessKey, wrong["secretAccessKey"] ?? "another/S"])
    expect(JSON.stringify(facts)).not.toContain(secret);
});

test("a bucket that may not be listed", async () => {
  await using dir = await tempDir();
  await using server = await startS3Server({ mayList: false });
  const settings = settingsFor(server);
  const machine = await settingsMachine({ root: dir.path, name: "ada", settings });
  const { of, troubles } = await diagnose(machine);
  expect(troubles).toEqual(["settings-storage"]);
  expect(of("settings-storage").fix).toContain("without the right to list");
});

test("a bucket that can't be written to", async () => {
  await using dir = await tempDir();
  await using server = await startS3Server();
  server.chooseFault = ({ method }) => (method === "PUT" ? "500" : undefined);
  const settings = settingsFor(server);
  const machine = await settingsMachine({ root: dir.path, name: "ada", settings });
  const { of, troubles } = await diagnose(machine);
  expect(troubles).toEqual(["settings-creation"]);
  expect(of("settings-creation").found).toContain("HTTP 500");
});

test("a server that has ended", async () => {
  await using dir = await tempDir();
  const server = await startS3Server();
  await server[Symbol.asyncDispose]();
  const settings = settingsFor(server);
  const machine = await settingsMachine({ root: dir.path, name: "ada", settings });
  const { of, troubles } = await diagnose(machine);
  expect(troubles).toEqual(["settings-storage"]);
  expect(of("settings-storage").found).toContain("could not be reached");
});

test("a bucket that ignores conditions, and what was found earlier", async () => {
  await using dir = await tempDir();
  await using server = await startS3Server();
  const settings = settingsFor(server);
  const machine = await settingsMachine({ root: dir.path, name: "ada", settings });
  await machine.write("AGENTS.md", "Be brief.\n");
  await machine.run("sync");
  expect((await machine.context()).createMode()).toBeOneOf(["atomic", undefined]);
  server.chooseFault = () => "ignore-condition";
  const { of, troubles } = await diagnose(machine);
  expect(troubles).toEqual(["settings-creation"]);
  expect(of("settings-creation").found).toContain("ignores If-None-Match");
  // Syncing goes by what was found now.
  expect((await machine.context()).createMode()).toBe("degraded");
  expect((await diagnose(machine, { PI_OFFLINE: "1" })).troubles).toEqual(["settings-creation"]);
});

test("offline, a bucket is not asked, and a folder is", async () => {
  await using dir = await tempDir();
  await using server = await startS3Server();
  const settings = settingsFor(server);
  const machine = await settingsMachine({ root: dir.path, name: "ada", settings });
  const { of, troubles } = await diagnose(machine, { PI_OFFLINE: "1" });
  expect(troubles).toEqual([]);
  expect(of("settings-storage").found).toStartWith("Not asked.");
  expect(server.requests).toEqual([]);
  const other = await syncedMachine(dir.path, "bob");
  const { of: ofOther } = await diagnose(other, { PI_OFFLINE: "1" });
  expect(ofOther("settings-storage").found).toContain("holds 2 files");
});

test("a folder whose drive is not mounted", async () => {
  await using dir = await tempDir();
  const settings = { endpoint: join(dir.path, "not-there/store") };
  const machine = await settingsMachine({ root: dir.path, name: "ada", settings });
  const { of, troubles } = await diagnose(machine);
  expect(troubles).toEqual(["settings-storage"]);
  expect(of("settings-storage").found).toContain("not-there");
});

test("another encryption key", async () => {
  await using dir = await tempDir();
  const [ours, theirs] = [await generateIdentity(), await generateIdentity()];
  const ada = await syncedMachine(dir.path, "ada", { encryptionKey: theirs });
  expect((await diagnose(ada)).of("settings-encryption").found).toMatch(
    /^On, with the key of the profile \([0-9a-f]{16}\)\.$/,
  );
  const settings = { endpoint: join(dir.path, "store"), encryptionKey: ours };
  const bob = await settingsMachine({ root: dir.path, name: "bob", settings });
  const { facts, of, troubles } = await diagnose(bob);
  expect(troubles).toEqual(["settings-encryption"]);
  expect(of("settings-encryption").found).toContain("another key than this machine's");
  expect(JSON.stringify(facts)).not.toContain("AGE-SECRET-KEY");
});

test("what waits, conflicts, and a first sync of two that differ", async () => {
  await using dir = await tempDir();
  const ada = await syncedMachine(dir.path);
  const settings = { endpoint: join(dir.path, "store") };
  const bob = await settingsMachine({ root: dir.path, name: "bob", settings });
  await bob.write("AGENTS.md", "Be long.\n");
  const first = await diagnose(bob);
  expect(first.troubles).toEqual(["settings-sides"]);
  expect(first.of("settings-sides").fix).toContain("'pull' takes the storage's");
  await bob.run("pull");
  await bob.write("AGENTS.md", "Be kind.\n");
  await bob.write("prompts/review.md", "Review this.\n");
  const waiting = await diagnose(bob);
  expect(waiting.of("settings-sides")).toMatchObject({
    status: "warning",
    found: "2 files to send.",
    fix: "'sync'",
  });
  expect(waiting.of("settings-backups").found).toStartWith("1 backup of what was replaced (1 kB)");
  await bob.run("push");
  await ada.write("AGENTS.md", "Be quick.\n");
  const conflict = await diagnose(ada);
  expect(conflict.of("settings-sides")).toMatchObject({ status: "failure", fix: "'resolve'" });
  expect(conflict.of("settings-sides").found).toMatch(
    /^Changed on both sides: AGENTS\.md \(.*\)\. Besides, 1 file to take\.$/,
  );
});

test("a storage that was emptied", async () => {
  await using dir = await tempDir();
  const machine = await syncedMachine(dir.path);
  await rm(join(dir.path, "store"), { recursive: true });
  const { of, troubles } = await diagnose(machine);
  expect(troubles).toEqual(["settings-sides"]);
  expect(of("settings-sides").found).toStartWith("The storage is empty, though");
});

test("what stays here by a rule, what can't be synced, and what the configuration does not meet", async () => {
  await using dir = await tempDir();
  const machine = await syncedMachine(dir.path, "ada", {
    include: ["agents/"],
    exclude: ["*.log", "drafts"],
  });
  await machine.write("skills/a/.env", "A=1\n");
  await machine.write("prompts/drafts/one.md", "One.\n");
  await mkdir(join(machine.agentDir, "themes"));
  await symlink(dir.path, join(machine.agentDir, "themes/out.json"));
  const { checks, troubles } = await diagnose(machine);
  expect(troubles).toEqual(["settings-selection"]);
  const found = checks.filter(({ id }) => id === "settings-selection");
  expect(found.map((check) => check.found)).toEqual([
    "Stays on this machine: prompts/drafts (excluded by your configuration), skills/a/.env (holds credentials (.env)). Nothing is there yet of include: agents/. Nothing is met by exclude: *.log.",
    expect.stringMatching(/^Can't be synced: themes\/out\.json \(.+\)\.$/) as string,
  ]);
});

test("secrets in what waits", async () => {
  await using dir = await tempDir();
  const machine = await syncedMachine(dir.path);
  const token = `ghp_${"a1B2c3D4e5F6".repeat(3)}`;
  await machine.write("prompts/deploy.md", `Use ${token}\n`);
  const { facts, of, troubles, lines } = await diagnose(machine);
  expect(troubles).toEqual(["settings-sides", "settings-secrets"]);
  expect(of("settings-secrets")).toMatchObject({ status: "failure" });
  expect(of("settings-secrets").found).toMatch(/prompts\/deploy\.md:1:5 \([\w-]+, [0-9a-f]{12}\)/);
  expect(JSON.stringify([facts, lines])).not.toContain("ghp_");
});

test("keys that others can read, locks and half of an apply, and what --fix does", async () => {
  await using dir = await tempDir();
  await syncedMachine(dir.path);
  const settings = { endpoint: join(dir.path, "store") };
  const bob = await settingsMachine({ root: dir.path, name: "bob", settings });
  const tools = toolsOf(bob, systemClock);
  const { path: lockPath } = settingsLock(tools.paths, bob.agentDir, "bob", systemClock);
  bob.onStep = (step) => {
    if (/^rename .* to .*AGENTS\.md$/.test(step)) throw new Error("The disk has gone.");
  };
  await expect(bob.run("pull")).rejects.toThrow("The disk has gone.");
  delete bob.onStep;
  const ended = Bun.spawn(["true"]);
  await ended.exited;
  const holder = { id: "0".repeat(16), processId: ended.pid, host: "bob", what: "pull" };
  await writeFile(lockPath, JSON.stringify({ ...holder, startedAt: new Date().toISOString() }));
  const key = { accessKeyId: "AKIDX", secretAccessKey: "literal/Secret/0123456789" };
  const piSync = join(bob.agentDir, "pi-sync.local.json");
  await writeFile(piSync, JSON.stringify(key));
  await chmod(piSync, 0o644);

  const before = await diagnose(bob);
  expect(before.troubles).toEqual(
    expect.arrayContaining(["settings-private", "settings-lock", "settings-apply"]),
  );
  // Its permissions are told of once.
  expect(before.troubles).not.toContain("settings-config");
  expect(before.of("settings-lock")).toMatchObject({ status: "warning", fix: "'unlock'" });
  expect(before.of("settings-apply").fix).toBe("pi-opensync doctor --fix");
  const repairs = await repair(before.facts, tools);
  expect(repairs.map(({ failure }) => failure)).toEqual([undefined, undefined, undefined]);
  const after = await diagnose(bob);
  expect(after.troubles.filter((id) => /private|lock|apply/.test(id))).toEqual([]);
  expect((await stat(piSync)).mode & 0o777).toBe(0o600);
  expect(await bob.read("AGENTS.md")).toBe("Be brief.\n");
});

test("locks of a process that runs, of another machine, and one that can't be read", async () => {
  await using dir = await tempDir();
  const machine = await syncedMachine(dir.path);
  const { paths } = toolsOf(machine, systemClock);
  const { path } = settingsLock(paths, machine.agentDir, "ada", systemClock);
  const holder = { id: "1", processId: process.pid, what: "sync" };
  const startedAt = new Date(Date.now() - 180_000).toISOString();
  const lockOf = async (text: string): Promise<Check> => {
    await writeFile(path, text);
    return (await diagnose(machine)).of("settings-lock");
  };
  expect(await lockOf(JSON.stringify({ ...holder, host: "ada", startedAt }))).toMatchObject({
    status: "well",
    found: `Process ${process.pid} syncs (sync), begun 3 min ago.`,
  });
  expect(await lockOf(JSON.stringify({ ...holder, host: "bob", startedAt }))).toMatchObject({
    status: "failure",
    fix: "If nobody syncs there: 'unlock --stale'",
  });
  expect((await lockOf("{")).found).toEndWith("does not say who holds it.");
});

test("a journal that can't be read", async () => {
  await using dir = await tempDir();
  const machine = await syncedMachine(dir.path);
  const { paths } = toolsOf(machine, systemClock);
  const { path } = settingsLock(paths, machine.agentDir, "ada", systemClock);
  await writeFile(join(path, "../apply.json"), "{");
  const { of, troubles } = await diagnose(machine);
  expect(troubles).toEqual(["settings-apply"]);
  expect(of("settings-apply").found).toContain("can't be read");
  // What somebody is at is not left behind.
  const holder = { id: "1", processId: process.pid, host: "ada", what: "sync", startedAt: "" };
  await writeFile(path, JSON.stringify(holder));
  expect((await diagnose(machine)).troubles).toEqual([]);
});

test("looking leaves nothing on this machine", async () => {
  await using dir = await tempDir();
  const machine = await syncedMachine(dir.path);
  const home = machine.env["HOME"]!;
  const before = await describeTree(home);
  // Files that have settled could be remembered.
  await diagnose(machine, {}, eagerClock(60_000));
  expect(await describeTree(home)).toEqual(before);
});

test("what is published names neither the storage, nor a machine, nor files of one's own", async () => {
  await using dir = await tempDir();
  await using server = await startS3Server();
  const settings = { ...settingsFor(server), exclude: ["acme*"], profile: "acme" };
  const machine = await settingsMachine({ root: dir.path, name: "ada-laptop", settings });
  await machine.write("AGENTS.md", "Be brief.\n");
  await machine.run("sync");
  await machine.write("skills/acme/SKILL.md", "Acme.\n");
  await machine.write("skills/.env", "A=1\n");
  const { facts } = await diagnose(machine);
  const hidden = { settings: hideOwner(facts.settings!) };
  const checks = judge(hidden, { nowMs: Date.now() });
  // The home folder is shortened when it is shown.
  const text = JSON.stringify([hidden, checks]).replaceAll(machine.env["HOME"]!, "~");
  const { hostname, port } = new URL(server.url);
  for (const name of [hostname, port, server.bucket, "ada-laptop", "acme", "skills/.env"])
    expect(text).not.toContain(name);
  expect(text).toContain("skills/… (holds credentials (.env))");
});

async function describeTree(dir: string): Promise<string[]> {
  const names = await readdir(dir, { recursive: true });
  const described = names.sort().map(async (name) => {
    const stats = await stat(join(dir, name));
    return `${name} ${stats.isFile() ? await readFile(join(dir, name), "utf8") : ""}`;
  });
  return Promise.all(described);
}
