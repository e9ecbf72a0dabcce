/** Settings sync in `pi-opensync doctor`, and `pi-opensync settings doctor`. */

import { expect, test } from "bun:test";
import { chmod, readdir, stat, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

import type { Check } from "../../lib/doctor/check.ts";
import { runCli } from "../support/cli.ts";
import type { CliResult } from "../support/cli.ts";
import { startS3Server, testCredentials } from "../support/s3-server/server.ts";
import type { S3Server } from "../support/s3-server/server.ts";
import { settingsHomes } from "../support/settings-homes.ts";
import type { SettingsHome } from "../support/settings-homes.ts";
import { tempDir } from "../support/temp.ts";

/** No pi is on it. */
const noPi = { PATH: "/usr/bin:/bin" };

function run(home: { path: string }, line: string, env = {}): Promise<CliResult> {
  return runCli(home.path, line.split(" "), { ...noPi, ...env });
}

/** The lines about settings, with what differs from run to run taken out. */
function section(stdout: string, home: SettingsHome, storage: string): string {
  const from = stdout.search(/^. Settings sync/m);
  return stdout
    .slice(from === -1 ? stdout.length : from)
    .replaceAll(storage, "/nas")
    .replaceAll(home.path, "~")
    .replaceAll(/within \d+ ms/g, "within 1 ms");
}

test("a machine without settings sync is told nothing of it", async () => {
  await using home = await tempDir();
  const { stdout } = await run(home, "doctor --offline");
  expect(stdout).not.toMatch(/settings sync|Storage/i);
});

test("a screen of settings doctor, and the same in doctor", async () => {
  await using homes = await settingsHomes({ isStored: true });
  const { laptop, desk, storage } = homes;
  await laptop.write("AGENTS.md", "Be very brief.\n");
  await laptop.write("prompts/deploy.md", `Use ghp_${"a1B2c3D4e5F6".repeat(3)}\n`);
  await desk.write("AGENTS.md", "Be long.\n");
  await desk.run(["settings", "push", "--yes"]);
  const own = await run(laptop, "settings doctor");
  expect({ ...own, stdout: section(own.stdout, laptop, storage) }).toMatchSnapshot();
  const all = await run(laptop, "doctor --offline");
  const checksOf = ({ stdout }: CliResult): string =>
    section(stdout, laptop, storage).split("\n\n")[0] ?? "";
  // What was found when it was synced first is remembered; a folder is asked all the same.
  expect(checksOf(all)).toBe(checksOf(own));
});

test("settings doctor --json, with what mends it", async () => {
  await using homes = await settingsHomes({ isStored: true });
  await homes.laptop.write("AGENTS.md", "Be very brief.\n");
  const { exitCode, stdout } = await run(homes.laptop, "settings doctor --json");
  const { checks, schemaVersion } = JSON.parse(stdout) as {
    checks: Check[];
    schemaVersion: number;
  };
  expect({ exitCode, schemaVersion }).toEqual({ exitCode: 0, schemaVersion: 1 });
  expect(checks.filter(({ status }) => status !== "well")).toMatchObject([
    { id: "settings-sides", fix: "pi-opensync settings sync" },
  ]);
});

test("doctor --fix removes the lock of a process that was killed", async () => {
  await using homes = await settingsHomes({ isStored: true });
  const { laptop } = homes;
  const ended = Bun.spawn(["true"]);
  await ended.exited;
  const dir = join(laptop.path, ".local/state/pi-opensync/settings");
  const [machine = ""] = await readdir(dir);
  const lock = join(dir, machine, "lock");
  const holder = { id: "1", processId: ended.pid, host: hostname(), what: "sync", startedAt: "" };
  await writeFile(lock, JSON.stringify(holder));
  const endpoint = `file://${homes.storage}`;
  await laptop.writeConfig({ settings: { endpoint, secretAccessKey: "of/another/Storage" } });
  const config = join(laptop.path, ".config/pi-opensync/config.json");
  await chmod(config, 0o644);
  const before = await run(laptop, "doctor --offline");
  expect(before.stdout).toContain("Left behind by process");
  // The file is ours, so it is told of with the others.
  expect(before.stdout.match(/Others on this machine can read/g)).toHaveLength(1);
  const own = await run(laptop, "settings doctor");
  expect(own.stdout).toContain("✗ Permissions   Others on this machine can read ~/.config");
  const after = await run(laptop, "doctor --offline --fix");
  expect(after.stdout).toContain(`Mended: the lock ${lock}, which nobody holds`);
  expect(after.stdout).not.toContain("Left behind by process");
  await expect(stat(lock)).rejects.toThrow("ENOENT");
  expect((await stat(config)).mode & 0o777).toBe(0o600);
});

test("a storage that never answers is given up on", async () => {
  await using home = await tempDir();
  await using server = await startS3Server();
  server.chooseFault = () => "stall";
  const startedAt = performance.now();
  const { stdout } = await run(home, "doctor", envOf(server));
  expect(stdout).toContain("did not answer in time.");
  expect(performance.now() - startedAt).toBeLessThan(9000);
}, 20_000);

test("a report names neither the bucket nor its host; --offline and PI_OFFLINE ask nobody", async () => {
  await using home = await tempDir();
  await using server = await startS3Server({ bucket: "acme-settings" });
  const env = envOf(server);
  for (const [line, more] of [
    ["doctor --offline", {}],
    ["doctor", { PI_OFFLINE: "1" }],
    ["settings doctor", { PI_OFFLINE: "1" }],
  ] as const) {
    const { stdout } = await run(home, line, { ...env, ...more });
    expect(stdout).toContain("bucket acme-settings at 127.0.0.1");
  }
  expect(server.requests).toEqual([]);
  server.credentials = [{ ...testCredentials, secretAccessKey: "another" }];
  const { stdout } = await run(home, "doctor --report", env);
  expect(stdout).toContain("✗ Storage       The <your-storage> does not let us in (HTTP 403");
  expect(stdout).toContain("From PI_SYNC_ENDPOINT, PI_SYNC_BUCKET");
  for (const secret of ["acme", "127.0.0.1", ...Object.values(testCredentials)])
    expect(stdout).not.toContain(secret);
});

function envOf({ url, bucket, region }: S3Server): Record<string, string> {
  return {
    PI_SYNC_ENDPOINT: url,
    PI_SYNC_BUCKET: bucket,
    PI_SYNC_REGION: region,
    PI_SYNC_ACCESS_KEY_ID: testCredentials.accessKeyId,
    PI_SYNC_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
  };
}
