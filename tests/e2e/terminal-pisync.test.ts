/** `/pisync` as a person sees it at pi's screen. */

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { piTargets } from "../support/pi/install.ts";
import { settingsBox } from "../support/pi/settings.ts";
import type { SettingsBox } from "../support/pi/settings.ts";
import type { PiTarget } from "../support/pi/targets.ts";
import type { TuiPi } from "../support/pi/tui.ts";
import { until } from "../support/pi/until.ts";
import { startS3Server, testCredentials } from "../support/s3-server/server.ts";

const timeLimitMs = 60_000;

for (const target of await piTargets()) {
  describe(target.name, () => {
    test(
      "a folder is chosen from the menu, all is sent, and what comes is there behind the reload",
      async () => {
        await using box = await settingsBox({ target, sync: null });
        await using pi = await open(box);
        await enter(pi, "/pisync");
        await pi.sees("Settings: not set up yet");
        pi.press("Enter");
        await pi.sees("A folder: a NAS");
        pi.press("Down", "Down", "Enter");
        await pi.sees("For example: ~/Sync/pi");
        await pi.type(box.storage);
        pi.press("Enter");
        await pi.sees("Encrypt what leaves this machine?");
        pi.press("Enter");
        await pi.sees("Next: '/pisync sync'");
        await pi.sees("settings ↑2");
        await enter(pi, "/pisync sync");
        await pi.sees("Sync?");
        pi.press("Enter");
        await pi.sees("Stored as #1.");
        await pi.seesNo("settings ↑2");

        await box.other.run("pull");
        await box.other.write("prompts/sea-shanty.md", "Sing of the sea.\n");
        await box.other.run("sync");
        await enter(pi, "/pisync pull");
        await pi.sees("added here");
        pi.press("Enter");
        await pi.sees("Reload pi now?");
        pi.press("Enter");
        await pi.sees(/Reloaded/);
        await pi.type("/sea-sh");
        await pi.sees("→ sea-shanty");
        pi.press("C-u");
        await pi.stands();
        await leave(pi);
      },
      timeLimitMs,
    );

    test(
      "keys are not seen while they are typed, and a storage is tried before it is stored",
      async () => {
        await using s3 = await startS3Server();
        await using box = await settingsBox({ target, sync: null });
        await using pi = await open(box, 80);
        await enter(pi, "/pisync init");
        await pi.sees("Another S3-compatible");
        pi.press("Down", "Enter");
        await pi.sees("s3.eu-central-1.amazonaws.com");
        await answer(pi, "http://s3.example.com");
        await pi.sees("It must be an https address");
        pi.press("C-u");
        await answer(pi, s3.url);
        await pi.sees("The bucket");
        await answer(pi, s3.bucket);
        await pi.sees("region");
        pi.press("C-u");
        await answer(pi, s3.region);
        for (const key of [testCredentials.accessKeyId, testCredentials.secretAccessKey]) {
          await pi.sees("!command that prints it.");
          await pi.stands();
          pi.press(...Array.from(key));
          await pi.sees("•".repeat(key.length));
          expect(pi.screen()).not.toContain(key.slice(0, 8));
          pi.press("Enter");
          await pi.seesNo("••");
        }
        await pi.sees("Encrypt what leaves");
        pi.press("Enter");
        await pi.sees("Stored in");
        expect(pi.screen()).not.toContain(testCredentials.secretAccessKey.slice(0, 8));
        expect(readSettings(box)).toMatchObject({ ...testCredentials, bucket: s3.bucket });
        await leave(pi);
      },
      timeLimitMs,
    );

    test(
      "Escape ends what takes too long, and pi goes on",
      async () => {
        await using s3 = await startS3Server();
        const { url: endpoint, bucket, region } = s3;
        s3.chooseFault = () => "stall";
        const sync = { endpoint, bucket, region, ...testCredentials, autoSync: false };
        await using box = await settingsBox({ target, sync });
        await using pi = await open(box);
        await enter(pi, "/pisync status");
        await pi.sees("Settings sync… (Esc ends it)");
        pi.press("Escape");
        await pi.sees("Settings sync: stopped.");
        await enter(pi, "still here");
        await pi.sees("You said: still here");
        await enter(pi, "/pisync");
        await pi.sees("the storage has not answered yet");
        pi.press("Escape");
        await pi.seesNo("navigate");
        await leave(pi);
      },
      timeLimitMs,
    );

    test(
      "a server that never answers keeps no prompt and no end waiting",
      async () => {
        await using s3 = await startS3Server();
        const { url: endpoint, bucket, region } = s3;
        s3.chooseFault = () => "stall";
        const sync = { endpoint, bucket, region, ...testCredentials };
        await using box = await settingsBox({ target, sync });
        await using pi = await open(box);
        await until("a request", () => s3.requests.length > 0);
        await enter(pi, "hello");
        await pi.sees("You said: hello");
        const startedAt = performance.now();
        await leave(pi);
        expect(performance.now() - startedAt).toBeLessThan(2000);
      },
      timeLimitMs,
    );

    test(
      "a conflict stands in the footer until it is resolved",
      async () => {
        await using box = await synced(target);
        await box.other.write("AGENTS.md", "Be silent.\n");
        await box.other.run("sync");
        await box.write("AGENTS.md", "Be loud.\n");
        await using pi = await open(box);
        await pi.sees("settings: conflict");
        await pi.sees("'/pisync resolve' decides");
        await enter(pi, "/pisync resolve");
        await pi.sees("Keep this machine's version");
        pi.press("Enter");
        await pi.sees("stays as it is here");
        await pi.sees("settings ↑1");
        await enter(pi, "/pisync push -y");
        await pi.sees("Stored as #3.");
        await pi.seesNo("settings ↑1");
        await leave(pi);
      },
      timeLimitMs,
    );

    test(
      "words and flags are completed",
      async () => {
        await using box = await synced(target);
        await using pi = await open(box);
        await pi.type("/pisync rol");
        await pi.sees("→ rollback");
        pi.press("C-u");
        await pi.type("/pisync push --d");
        await pi.sees("→ --dry-run");
        pi.press("Tab");
        await pi.sees("/pisync push --dry-run");
        pi.press("Enter");
        await pi.sees("the same settings");
        await leave(pi);
      },
      timeLimitMs,
    );

    test(
      "a snapshot is chosen to go back to, and a field is changed",
      async () => {
        await using box = await synced(target);
        await box.write("AGENTS.md", "Be short.\n");
        await using pi = await open(box, 80);
        await until("a commit", () => box.other.run("pull").then(({ kind }) => kind === "done"));
        await enter(pi, "/pisync rollback");
        await pi.sees("Go back to which snapshot?");
        pi.press("Enter");
        await pi.sees("Rollback to #1?");
        pi.press("Enter");
        await pi.sees("Reload pi now?");
        pi.press("Escape");
        expect(box.read("AGENTS.md")).toBe("Be brief.\n");
        await enter(pi, "/pisync config");
        await pi.sees("Settings sync (Esc leaves)");
        pi.press("Down");
        await pi.stands();
        pi.press("Enter");
        await pi.sees("a folder needs none");
        await answer(pi, "my-bucket");
        await pi.sees(/bucket +my-bucket/);
        pi.press("Escape");
        await pi.seesNo("Esc leaves");
        expect(readSettings(box)).toMatchObject({ bucket: "my-bucket" });
        await leave(pi);
      },
      timeLimitMs,
    );
  });
}

/** Starts pi in a terminal that is so wide. */
async function open(box: SettingsBox, columns = 120): Promise<TuiPi> {
  const pi = await box.tui();
  pi.resize(columns, 45);
  await pi.stands();
  return pi;
}

/** Types a line, leaves menus of completion alone, and presses Enter. */
async function enter(pi: TuiPi, text: string): Promise<void> {
  await pi.stands();
  await pi.enter(text);
}

async function answer(pi: TuiPi, text: string): Promise<void> {
  await pi.sees("Enter to accept");
  await pi.type(text);
  pi.press("Enter");
}

async function leave(pi: TuiPi): Promise<void> {
  pi.press("C-d");
  await pi.ended();
}

/** A sandbox that agrees with the other machine. */
async function synced(target: PiTarget): Promise<SettingsBox> {
  const box = await settingsBox({ target });
  await box.write("AGENTS.md", "Be brief.\n");
  await using pi = box.rpc();
  await until("a commit", async () => (await box.other.run("pull")).kind === "done");
  await pi.close();
  return box;
}

function readSettings(box: SettingsBox): unknown {
  const path = join(box.home, ".config/pi-opensync/config.json");
  return (JSON.parse(readFileSync(path, "utf8")) as { settings: unknown }).settings;
}
