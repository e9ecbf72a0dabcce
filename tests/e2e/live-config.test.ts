/** The settings in dialogs, where a client drives pi. */

import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, statSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { faultyProxy } from "../support/faulty-proxy.ts";
import { expectDelivered } from "../support/pi/compare.ts";
import { piTargets } from "../support/pi/install.ts";
import type { RpcPi } from "../support/pi/rpc.ts";
import { piSandbox } from "../support/pi/sandbox.ts";
import type { PiSandbox } from "../support/pi/sandbox.ts";
import { until } from "../support/pi/until.ts";
import { testServer } from "../support/server.ts";

const timeLimitMs = 60_000;
const wrongKey = `osk_${"w".repeat(32)}`;
const deadUrl = "http://127.0.0.1:1";

for (const target of await piTargets()) {
  describe(target.name, () => {
    test(
      "a server and a key are set, and the prompts behind them arrive",
      async () => {
        await using server = await testServer();
        await using box = await piSandbox({ target });
        await using pi = box.rpc();
        await pi.prompt("before");
        const { url, apiKey } = server.server;
        await converse(pi, ["URL", `${url}/`], ["API key", apiKey], ["Thinking", "true"], "Save");
        await sees(pi, `OpenSync settings saved. Sessions go to ${url}.`);
        expect(readConfig(box)).toEqual({ url, apiKey, syncThinking: true });
        expect(statSync(configPath(box)).mode & 0o777).toBe(0o600);
        await pi.prompt("behind");
        await expectDelivered(server, () => box.sessionFiles(), 15_000);
        expect(JSON.stringify(pi.events)).not.toContain(apiKey);
        await pi.close();
        expect(pi.errors()).toEqual([]);
      },
      timeLimitMs,
    );

    test(
      "a wrong key is refused: nothing is saved, or all of it, as the person says",
      async () => {
        await using server = await testServer();
        const { url } = server.server;
        await using box = await piSandbox({ target });
        await using pi = box.rpc();
        const edit = [["URL", url], ["API key", wrongKey], "Save"] as const;
        await converse(pi, ...edit, "Back to the settings", "Save", "Discard the changes");
        await sees(pi, "OpenSync settings: nothing was saved.");
        expect(titles(pi)).toContainEqual(expect.stringContaining("does not accept the API key"));
        expect(existsSync(configPath(box))).toBe(false);
        await converse(pi, ...edit, "Save anyway");
        await sees(pi, `OpenSync settings saved. Sessions go to ${url}.`);
        expect(readConfig(box)).toEqual({ url, apiKey: wrongKey });
        expect(JSON.stringify(pi.events)).not.toContain(wrongKey);
        await pi.close();
      },
      timeLimitMs,
    );

    test(
      "a refused key that is corrected is shown no more",
      async () => {
        await using server = await testServer();
        const { url, apiKey } = server.server;
        await using box = await piSandbox({ target, config: { url, apiKey: wrongKey } });
        await using pi = box.rpc();
        await pi.prompt("one");
        await until("the footer", () => pi.status("opensync") === "opensync key refused");
        await converse(pi, ["API key", apiKey], "Save");
        await expectDelivered(server, () => box.sessionFiles(), 15_000);
        expect(pi.status("opensync")).toBeUndefined();
        await pi.close();
      },
      timeLimitMs,
    );

    test(
      "only what changed is written, a default is removed, and no server is asked for it",
      async () => {
        const config = { url: deadUrl, redact: false, other: [1], apiKey: wrongKey };
        await using box = await piSandbox({ target, config });
        await using pi = box.rpc();
        await converse(
          pi,
          ["Redaction", "true"],
          ["Automatic sync", "false"],
          ["Excluded projects", "~/a, ~/b"],
          "Save",
        );
        await sees(pi, "OpenSync settings saved. This session is not sent: automatic sync is");
        expect(JSON.stringify(readConfig(box))).toBe(
          JSON.stringify({
            url: deadUrl,
            other: [1],
            apiKey: wrongKey,
            autoSync: false,
            exclude: ["~/a", "~/b"],
          }),
        );
        await pi.close();
      },
      timeLimitMs,
    );

    test(
      "a value of the environment can't be changed, and one that can't be used can",
      async () => {
        const config = { url: deadUrl, apiKey: wrongKey, debug: "sure" };
        const env = { PI_OPENSYNC_REDACT: "no" };
        await using box = await piSandbox({ target, config, env });
        await using pi = box.rpc();
        await converse(pi, ["Redaction"], ["Debug log", "true"], "Save");
        await sees(pi, `OpenSync settings saved. Sessions go to ${deadUrl}.`);
        await sees(pi, "Redaction is set by the variable PI_OPENSYNC_REDACT.");
        expect(options(pi)).toContain("Redaction: false (PI_OPENSYNC_REDACT)");
        expect(options(pi)).toContain("Debug log: not usable");
        expect(titles(pi)).toContainEqual(expect.stringContaining('is "sure", but must be true'));
        expect(readConfig(box)).toEqual({ ...config, debug: true });
        await pi.close();
      },
      timeLimitMs,
    );

    test(
      "a file that is no JSON is told of and left alone",
      async () => {
        await using box = await piSandbox({ target });
        await mkdir(dirname(configPath(box)), { recursive: true });
        await writeFile(configPath(box), '{"url": }');
        await using pi = box.rpc();
        await pi.ask("prompt", { message: "/opensync-config" });
        await sees(pi, `${configPath(box)} is not valid JSON (line 1, column 9).`);
        expect(titles(pi)).toEqual([]);
        expect(readFileSync(configPath(box), "utf8")).toBe('{"url": }');
        await pi.close();
      },
      timeLimitMs,
    );

    test(
      "a session that ends under the form takes it along",
      async () => {
        await using box = await piSandbox({ target });
        await using pi = box.rpc();
        await pi.prompt("one");
        await converse(pi, ["URL", deadUrl]);
        const menu = await pi.dialog();
        await pi.ask("new_session");
        pi.answer(menu, { value: "Save" });
        await pi.prompt("two");
        expect(titles(pi)).toHaveLength(3);
        await pi.close();
        expect(pi.errors()).toEqual([]);
        expect(existsSync(configPath(box))).toBe(false);
      },
      timeLimitMs,
    );

    test(
      "a session that ends under the check takes it along",
      async () => {
        await using server = await testServer();
        await using proxy = await faultyProxy(server.server.url, () => "stall");
        await using box = await piSandbox({ target });
        await using pi = box.rpc();
        await pi.prompt("one");
        await converse(pi, ["URL", proxy.url], ["API key", wrongKey], "Save");
        await sees(pi, "Checking the server");
        const notices = pi.notices().length;
        await pi.ask("new_session");
        await pi.prompt("two");
        expect(pi.notices()).toHaveLength(notices);
        expect(titles(pi)).toHaveLength(5);
        await pi.close();
        expect(pi.errors()).toEqual([]);
        expect(existsSync(configPath(box))).toBe(false);
      },
      timeLimitMs,
    );

    test(
      "printed, it does nothing",
      async () => {
        await using box = await piSandbox({ target });
        expect(await box.run("-p", "/opensync-config")).toMatchObject({ exitCode: 0, stdout: "" });
        expect(existsSync(configPath(box))).toBe(false);
      },
      timeLimitMs,
    );
  });
}

/** A word to choose, or a field to choose with what to answer about it. */
type Step = string | readonly [label: string, answer?: string];

/** Opens the settings and answers one dialog after another. */
async function converse(pi: RpcPi, ...steps: Step[]): Promise<void> {
  void pi.ask("prompt", { message: "/opensync-config" }).catch(() => {});
  for (const step of steps) {
    const [label, answer] = typeof step === "string" ? [step] : step;
    const menu = await pi.dialog();
    const line = menu["options"].find((option: string) => option.split(":")[0] === label);
    pi.answer(menu, { value: line });
    if (answer !== undefined) pi.answer(await pi.dialog(), { value: answer });
  }
}

async function sees(pi: RpcPi, notice: string): Promise<void> {
  const told = () => pi.notices().map(({ message }) => message);
  await until(`the notice ${notice}`, () => told().some((message) => message.startsWith(notice)), {
    describe: () => told().join("\n"),
  });
}

const dialogs = (pi: RpcPi) => pi.events.filter((event) => event["title"] !== undefined);
const titles = (pi: RpcPi): string[] => dialogs(pi).map((event) => event["title"]);
const options = (pi: RpcPi): string[] => dialogs(pi).flatMap((event) => event["options"] ?? []);

const configPath = (box: PiSandbox): string => join(box.home, ".config/pi-opensync/config.json");

function readConfig(box: PiSandbox): unknown {
  return JSON.parse(readFileSync(configPath(box), "utf8"));
}
