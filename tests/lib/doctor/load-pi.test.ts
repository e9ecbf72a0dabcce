import { expect, test } from "bun:test";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { startPi } from "../../../lib/doctor/facts/load-pi.ts";
import type { LoadFacts } from "../../../lib/doctor/facts/load-pi.ts";
import { tempDir } from "../../support/temp.ts";

/** Starts a script in place of pi. */
async function startScript(script: string, timeoutMs = 5000): Promise<LoadFacts> {
  await using dir = await tempDir();
  const path = join(dir.path, "pi");
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  const env = { PATH: process.env["PATH"] };
  return await startPi({ path, env, cwd: dir.path, timeoutMs });
}

const answer = (commands: object[]): string =>
  `read request; echo '${JSON.stringify({ id: "doctor", success: true, data: { commands } })}'`;

const command = (name: string, path: string, source: string): object => ({
  name,
  sourceInfo: { path, source },
});

test("a pi without extensions", async () => {
  expect(await startScript(answer([]))).toEqual({
    kind: "started",
    copies: [],
    hasOlderPlugin: false,
  });
});

test("copies are told apart by where they stand, and the older plugin from ours", async () => {
  const commands = [
    command("opensync:1", "/a/extension/index.ts", "npm:pi-opensync"),
    command("opensync-config", "/a/extension/index.ts", "npm:pi-opensync"),
    command("opensync:2", "/b/extension/index.ts", "auto"),
    command("opensync:config", "/c/pi-opensync-plugin/index.ts", "npm:pi-opensync-plugin"),
    command("opensyncs", "/d/index.ts", "npm:other"),
  ];
  expect(await startScript(answer(commands))).toEqual({
    kind: "started",
    copies: [{ source: "npm:pi-opensync" }, { source: "/b/extension/index.ts" }],
    hasOlderPlugin: true,
  });
});

test("what else pi prints does not matter", async () => {
  const chatter = 'echo "no JSON"; echo \'{"type":"event"}\'; echo warning >&2';
  expect((await startScript(`${chatter}; ${answer([])}`)).kind).toBe("started");
});

test("a pi that ends says why", async () => {
  const script = 'echo "Error: Failed to load\n  extension" >&2; exit 1';
  const reason = "Error: Failed to load extension";
  expect(await startScript(script)).toEqual({ kind: "failed", reason });
  expect(await startScript("exit 0")).toEqual({
    kind: "failed",
    reason: "it ended without a word",
  });
});

test("a pi that never answers is given up on", async () => {
  const reason = "it did not start within 0.3 s";
  expect(await startScript("exec sleep 60", 300)).toEqual({ kind: "failed", reason });
  // What it started keeps its outputs open.
  expect(await startScript("sleep 1", 300)).toEqual({ kind: "failed", reason });
});

test("a program that can't be started", async () => {
  const start = { path: "/nowhere/pi", env: {}, cwd: "/", timeoutMs: 5000 };
  expect(await startPi(start)).toMatchObject({ kind: "failed" });
});

test("the start is offline, keeps no session, and sends nothing", async () => {
  const script = 'echo "$* $PI_OFFLINE $PI_OPENSYNC_AUTO_SYNC" >&2; exit 1';
  const reason = "--offline --no-session --mode rpc 1 false";
  expect(await startScript(script)).toEqual({ kind: "failed", reason });
});
