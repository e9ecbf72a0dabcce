/** Settings are synced when pi starts, and pi does not wait for it. */

import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { piTargets } from "../support/pi/install.ts";
import type { RpcPi } from "../support/pi/rpc.ts";
import {
  footerSays,
  noticed,
  pisync,
  settingsBox,
  settingsFooter,
} from "../support/pi/settings.ts";
import type { SettingsBox, SettingsOptions } from "../support/pi/settings.ts";
import { until } from "../support/pi/until.ts";
import { startS3Server, testCredentials } from "../support/s3-server/server.ts";
import type { S3Server } from "../support/s3-server/server.ts";

const timeLimitMs = 60_000;

for (const target of await piTargets()) {
  describe(target.name, () => {
    test(
      "what is new goes, what another machine made comes, and a reload takes it over",
      async () => {
        await using box = await settingsBox({ target });
        await box.write("prompts/tide.md", "Sing of the tide.\n");
        await sendAtStart(box);
        await box.other.run("pull");
        expect(await box.other.read("prompts/tide.md")).toBe("Sing of the tide.\n");
        await box.other.write("prompts/sea.md", "Sing of the sea.\n");
        await box.other.run("sync");

        await using pi = box.rpc();
        const told = "Settings: prompts/sea.md came from your other machines; /reload takes";
        await noticed(pi, told);
        expect(box.read("prompts/sea.md")).toBe("Sing of the sea.\n");
        expect(settingsFooter(pi)).toBeUndefined();
        await end(pi);
      },
      timeLimitMs,
    );

    test(
      "it happens once in a run of pi, and the footer stays when sessions change",
      async () => {
        await using box = await settingsBox({ target });
        await box.write("AGENTS.md", "Be brief.\n");
        await sendAtStart(box);
        await box.other.run("pull");
        await box.other.write("AGENTS.md", "Be silent.\n");
        await box.other.run("sync");
        await box.write("AGENTS.md", "Be loud.\n");

        await using pi = box.rpc();
        const told = await noticed(pi, /^Settings: Changed here and in the storage: AGENTS\.md\./);
        expect(told).toContain("'/pisync resolve' decides");
        await footerSays(pi, "settings: conflict");
        await pi.prompt("one");
        const from = pi.events.length;
        await pi.ask("new_session");
        await pi.sees("extension_ui_request", {
          from,
          where: ({ statusText }) => statusText === "settings: conflict",
        });
        await pi.prompt("two");
        expect(pi.notices().filter(({ message }) => message.startsWith("Settings:"))).toHaveLength(
          1,
        );
        expect(box.read("AGENTS.md")).toBe("Be loud.\n");
        await end(pi);
      },
      timeLimitMs,
    );

    test(
      "where both sides have settings and differ, nothing is written, and it says so",
      async () => {
        await using box = await settingsBox({ target });
        await box.other.write("AGENTS.md", "Be silent.\n");
        await box.other.run("push");
        await box.write("AGENTS.md", "Be loud.\n");
        await using pi = box.rpc();
        const told = await noticed(pi, /^Settings: This machine and the storage both have/);
        expect(told).toContain("'/pisync pull' takes the storage's");
        expect(box.read("AGENTS.md")).toBe("Be loud.\n");
        await end(pi);
      },
      timeLimitMs,
    );

    test(
      "a secret stays here, and is told of without showing it",
      async () => {
        await using box = await settingsBox({ target });
        const key = "AKIAQWERTYUIOPASDFGH";
        await box.write("prompts/keys.md", `key ${key}\n`);
        await using pi = box.rpc();
        await noticed(pi, /^Settings: Nothing was sent: what would be pushed holds secrets\./);
        await footerSays(pi, "settings ↑3");
        expect(JSON.stringify(pi.events)).not.toContain(key);
        await end(pi);
      },
      timeLimitMs,
    );

    test(
      "an S3 server gets it, with its key in no event",
      async () => {
        await using s3 = await startS3Server();
        await using box = await settingsBox(withServer(target, s3));
        await using pi = box.rpc();
        await until("a commit", () => [...s3.objects.keys()].some((name) => /log\/0+1/.test(name)));
        await end(pi);
        expect(JSON.stringify(pi.events)).not.toContain(testCredentials.secretAccessKey);
      },
      timeLimitMs,
    );

    test(
      "a server that refuses the key is told of once, without the key",
      async () => {
        await using s3 = await startS3Server();
        const wrong = "wrong/Secret+Access=Key0123456789abcdefghi";
        await using box = await settingsBox(withServer(target, s3, { secretAccessKey: wrong }));
        await using pi = box.rpc();
        await noticed(pi, /^Settings: /);
        await pi.prompt("one");
        await pi.ask("new_session");
        await pi.prompt("two");
        const told = pi.notices().filter(({ message }) => message.startsWith("Settings:"));
        expect(told).toMatchObject([{ type: "warning" }]);
        expect(JSON.stringify(pi.events)).not.toContain(wrong);
        await end(pi);
      },
      timeLimitMs,
    );

    test(
      "a server that never answers delays neither a prompt, nor a command, nor the end",
      async () => {
        await using s3 = await startS3Server();
        s3.chooseFault = () => "stall";
        await using box = await settingsBox(withServer(target, s3));
        await using pi = box.rpc();
        await until("a request", () => s3.requests.length > 0);
        const startedAt = performance.now();
        await pi.prompt("one");
        expect(await pisync(pi, "help")).toContain("/pisync sync");
        expect(await pisync(pi, "unlock")).toContain("process");
        expect(performance.now() - startedAt).toBeLessThan(2500);
        const endedAt = performance.now();
        await pi.close();
        // The last messages would be waited for longer.
        expect(performance.now() - endedAt).toBeLessThan(1500);
        expect(pi.errors()).toEqual([]);
        expect(pi.notices().some(({ message }) => message.startsWith("Settings:"))).toBe(false);
      },
      timeLimitMs,
    );

    test(
      "what a person asks for goes before what goes on by itself",
      async () => {
        await using s3 = await startS3Server();
        let isStalled = true;
        s3.chooseFault = () => (isStalled ? "stall" : undefined);
        await using box = await settingsBox(withServer(target, s3));
        await using pi = box.rpc();
        await until("a request", () => s3.requests.length > 0);
        isStalled = false;
        expect(await pisync(pi, "sync --yes")).toContain("Stored as #1.");
        await end(pi);
      },
      timeLimitMs,
    );

    const nothing: [string, Partial<SettingsOptions>, string[]][] = [
      ["with --no-opensync", {}, ["--no-opensync"]],
      ["with automatic sync switched off", { sync: { autoSync: false } }, []],
      ["without any configuration", { sync: null }, []],
    ];
    for (const [when, options, args] of nothing) {
      test(
        `${when}, nothing is asked or written`,
        async () => {
          await using s3 = await startS3Server();
          const { sync, ...rest } = withServer(target, s3, options.sync ?? {});
          await using box = await settingsBox({
            ...rest,
            sync: options.sync === null ? null : { ...sync },
          });
          await using pi = box.rpc(...args);
          await pi.prompt("one");
          await Bun.sleep(500);
          await end(pi);
          expect(s3.requests).toEqual([]);
          expect(existsSync(join(box.home, ".local/state/pi-opensync/settings"))).toBe(false);
        },
        timeLimitMs,
      );
    }

    test(
      "printed, pi asks no server",
      async () => {
        await using s3 = await startS3Server();
        await using box = await settingsBox(withServer(target, s3));
        expect(await box.run("-p", "hello")).toMatchObject({ exitCode: 0, stderr: "" });
        expect(s3.requests).toEqual([]);
      },
      timeLimitMs,
    );

    test(
      "variables of the environment are enough",
      async () => {
        await using s3 = await startS3Server();
        const { accessKeyId, secretAccessKey } = testCredentials;
        const env = {
          PI_SYNC_ENDPOINT: s3.url,
          PI_SYNC_BUCKET: s3.bucket,
          PI_SYNC_REGION: s3.region,
          PI_SYNC_ACCESS_KEY_ID: accessKeyId,
          PI_SYNC_SECRET_ACCESS_KEY: secretAccessKey,
        };
        await using box = await settingsBox({ target, sync: null, env });
        await using pi = box.rpc();
        await until("a commit", () => [...s3.objects.keys()].some((name) => /log\/0+1/.test(name)));
        await end(pi);
      },
      timeLimitMs,
    );
  });
}

function withServer(
  target: SettingsOptions["target"],
  { url, bucket, region }: S3Server,
  changes: Record<string, unknown> = {},
): SettingsOptions {
  const sync = { endpoint: url, bucket, region, ...testCredentials, ...changes };
  return { target, sync };
}

/** Starts pi until it has sent what is there. */
async function sendAtStart(box: SettingsBox): Promise<void> {
  await using pi = box.rpc();
  await until("a commit", async () => (await pisync(pi, "history")).startsWith("#1 "));
  await pi.close();
}

async function end(pi: RpcPi): Promise<void> {
  await pi.close();
  expect(pi.errors()).toEqual([]);
  expect(pi.notices().filter(({ type }) => type === "error")).toEqual([]);
}
