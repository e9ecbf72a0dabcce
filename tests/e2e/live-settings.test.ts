/** `/pisync` in pi, where a client drives it. */

import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";

import { piTargets } from "../support/pi/install.ts";
import type { RpcPi } from "../support/pi/rpc.ts";
import { footerSays, pisync, settingsBox, settingsFooter } from "../support/pi/settings.ts";
import type { SettingsBox } from "../support/pi/settings.ts";
import type { PiTarget } from "../support/pi/targets.ts";

const timeLimitMs = 60_000;
const key = "AKIAQWERTYUIOPASDFGH";

for (const target of await piTargets()) {
  describe(target.name, () => {
    test(
      "set up from the menu, sent, and what another machine adds is there behind the reload",
      async () => {
        await using box = await settingsBox({ target, sync: null });
        await using pi = box.rpc();
        const told = await pisync(pi, "", "init", "A folder", box.storage, "No");
        expect(title(pi, 0)).toBe("Settings: not set up yet");
        expect(told).toContain(`${box.storage}, profile default: empty`);
        expect(told).toContain("Next: '/pisync sync'");
        await footerSays(pi, "settings ↑2");
        expect(await pisync(pi, "", "sync", true)).toContain("Stored as #1.");
        await footerSays(pi, undefined);

        await box.other.run("pull");
        await box.other.write("prompts/sea.md", "Sing of the sea.\n");
        await box.other.write("extensions/hi.ts", extensionSource);
        await box.other.run("sync");
        expect(await pisync(pi, "", undefined)).toBe("");
        expect(dialogs(pi).at(-1)?.["title"]).toBe("Settings: ↓2 · #2");
        await footerSays(pi, "settings ↓2");
        const reloaded = await pisync(pi, "sync", true, true);
        expect(reloaded).toContain("prompts/sea.md");
        expect(await commands(pi)).toEqual(expect.arrayContaining(["sea", "hi-from-beta"]));
        await footerSays(pi, undefined);
        await pi.prompt("still here");
        await end(pi);
      },
      timeLimitMs,
    );

    test(
      "status, diff, history, push, pull and rollback do what they say",
      async () => {
        await using box = await synced(target);
        await using pi = box.rpc();
        await box.write("AGENTS.md", "Be short.\n");
        expect(await pisync(pi, "status")).toContain("↑ AGENTS.md  changed here");
        expect(await pisync(pi, "diff")).toContain("-Be brief.\n+Be short.\n");
        expect(await pisync(pi, "diff AGENTS.md")).toContain("+Be short.");
        expect(await pisync(pi, "push --dry-run")).toStartWith("Push would do this:");
        await footerSays(pi, "settings ↑1");
        expect(await pisync(pi, "push", false)).toBe("Nothing was changed.");
        expect(await pisync(pi, "push", true)).toContain("Stored as #2.");
        await footerSays(pi, undefined);

        await box.other.run("pull");
        await box.other.write("AGENTS.md", "Be silent.\n");
        await box.other.run("push");
        const pulled = await pisync(pi, "pull --yes");
        expect(pulled).toContain("↓ AGENTS.md  replaced here");
        expect(pulled).toEndWith("/reload takes over what came.");
        expect(box.read("AGENTS.md")).toBe("Be silent.\n");

        expect(await pisync(pi, "history")).toMatch(/^#3 .*beta.*\n#2 .*alpha.*\n#1 /);
        expect(await pisync(pi, "rollback 1", true, false)).toContain("Stored as #4.");
        expect(box.read("AGENTS.md")).toBe("Be brief.\n");
        expect(await pisync(pi, "", "rollback", "#3", true, false)).toContain("Stored as #5.");
        expect(box.read("AGENTS.md")).toBe("Be silent.\n");
        expect(await pisync(pi, "rollback", undefined)).toBe("Nothing was changed.");
        await end(pi);
      },
      timeLimitMs,
    );

    test(
      "a conflict stays until it is resolved, and the footer says so",
      async () => {
        await using box = await synced(target);
        await using pi = box.rpc();
        await box.other.write("AGENTS.md", "Be silent.\n");
        await box.other.run("sync");
        await box.write("AGENTS.md", "Be loud.\n");
        const told = await pisync(pi, "sync --yes");
        expect(told).toContain("'/pisync resolve' decides which version stays.");
        await footerSays(pi, "settings: conflict");
        expect(box.read("AGENTS.md")).toBe("Be loud.\n");
        await pisync(pi, "resolve", "Decide later");
        expect(settingsFooter(pi)).toBe("settings: conflict");
        expect(await pisync(pi, "resolve AGENTS.md theirs", false)).toContain("the storage's now");
        expect(box.read("AGENTS.md")).toBe("Be silent.\n");
        await footerSays(pi, undefined);
        await end(pi);
      },
      timeLimitMs,
    );

    test(
      "a secret is refused with its place, and one that is none may be let pass",
      async () => {
        await using box = await synced(target);
        await using pi = box.rpc();
        await box.write("prompts/keys.md", `first line\nkey ${key}\n`);
        const refused = await pisync(pi, "sync --yes --force");
        expect(refused).toMatch(/prompts\/keys\.md:2:5 {2}\S+ {2}AKIA… {2}allow [0-9a-f]{12}/);
        await box.other.run("pull");
        expect(await box.other.read("prompts/keys.md")).toBeUndefined();
        expect(JSON.stringify(pi.events)).not.toContain(key);
        expect(await pisync(pi, "", "allow", "prompts/keys.md:2:5", "Yes")).toContain("Allowed");
        expect(await pisync(pi, "sync", true)).toContain("Stored as #2.");
        await end(pi);
      },
      timeLimitMs,
    );

    test(
      "fields of the configuration are changed one after the other, and a secret is not shown",
      async () => {
        await using box = await synced(target);
        await using pi = box.rpc();
        const secret = "not/To+Be=Seen0123456789abcdefghijklmnop";
        await pisync(
          pi,
          "config",
          "profile",
          "work",
          "autoSync",
          "false",
          "secretAccessKey",
          secret,
          "prefix",
          "../up",
          undefined,
          undefined,
        );
        expect(readConfig(box)["settings"]).toMatchObject({
          profile: "work",
          autoSync: false,
          secretAccessKey: secret,
        });
        expect(titles(pi)).toContainEqual(expect.stringContaining("It must be names with slashes"));
        expect(titles(pi)).toContainEqual(expect.stringContaining("better name a variable"));
        expect(JSON.stringify(pi.events)).not.toContain(secret);
        expect(await pisync(pi, "config profile", undefined)).toMatch(/^profile +work/m);
        expect(await pisync(pi, `config secretAccessKey ${secret}`)).toContain("no place");
        expect(JSON.stringify(pi.notices())).not.toContain(secret);
        await pi.close();
      },
      timeLimitMs,
    );

    test(
      "what is mistyped is told, and a lock can be asked for",
      async () => {
        await using box = await synced(target);
        await using pi = box.rpc();
        expect(await pisync(pi, "stauts")).toContain("Did you mean '/pisync status'?");
        expect(await pisync(pi, "status --force")).toContain("--force does not go with");
        expect(await pisync(pi, "sync --dry")).toContain("There is no --dry.");
        expect(await pisync(pi, "help")).toContain("/pisync rollback [NUMBER]");
        expect(await pisync(pi, "unlock")).toBe("There is no lock.");
        expect(await pisync(pi, "doctor")).not.toBe("");
        await pi.close();
        expect(pi.errors()).toEqual([]);
      },
      timeLimitMs,
    );

    test(
      "while pi answers, all can be done but the reload",
      async () => {
        await using box = await synced(target);
        await using pi = box.rpc();
        await box.other.write("prompts/sea.md", "Sing of the sea.\n");
        await box.other.run("sync");
        box.model.play({ text: "word by word until the end of it all", wordMs: 500 });
        await pi.ask("prompt", { message: "slowly" });
        await pi.sees("message_update");
        const told = await pisync(pi, "pull", true);
        expect(told).toEndWith("When pi has answered, /reload takes over what came.");
        expect(box.read("prompts/sea.md")).toBeDefined();
        await pi.rests();
        await end(pi);
      },
      timeLimitMs,
    );

    test(
      "a session that ends under a question takes it along",
      async () => {
        await using box = await synced(target);
        await using pi = box.rpc();
        await pi.prompt("one");
        await box.write("AGENTS.md", "Be short.\n");
        void pi.ask("prompt", { message: "/pisync push" });
        const question = await pi.dialog();
        const before = pi.notices().length;
        await pi.ask("new_session");
        pi.answer(question, { confirmed: true });
        await pi.prompt("two");
        expect(pi.notices()).toHaveLength(before);
        await box.other.run("pull");
        expect(await box.other.read("AGENTS.md")).toBe("Be brief.\n");
        await end(pi);
      },
      timeLimitMs,
    );

    test(
      "printed, nothing is asked, and what came of it stands on stderr",
      async () => {
        await using box = await synced(target);
        await box.write("AGENTS.md", "Be short.\n");
        const refused = await box.run("-p", "/pisync sync");
        expect(refused.stderr).toContain("--yes goes on without asking");
        const done = await box.run("-p", "/pisync sync --yes");
        expect(done).toMatchObject({ exitCode: 0, stdout: "" });
        expect(done.stderr).toContain("Stored as #2.");
      },
      timeLimitMs,
    );

    test(
      "a lost storage is told of, and no file is lost",
      async () => {
        await using box = await synced(target);
        await using pi = box.rpc();
        await rm(box.storage, { recursive: true });
        expect(await pisync(pi, "sync --yes")).not.toBe("");
        expect(box.read("AGENTS.md")).toBe("Be brief.\n");
        await pi.close();
        expect(pi.errors()).toEqual([]);
      },
      timeLimitMs,
    );
  });
}

const extensionSource = `export default (pi) =>
  pi.registerCommand("hi-from-beta", { description: "hi", handler: async () => {} });
`;

/** A sandbox that agrees with the other machine, and does nothing by itself. */
async function synced(target: PiTarget): Promise<SettingsBox> {
  const box = await settingsBox({ target, sync: { autoSync: false } });
  await box.write("AGENTS.md", "Be brief.\n");
  await using pi = box.rpc();
  await pisync(pi, "sync --yes");
  await pi.close();
  await box.other.run("pull");
  return box;
}

async function commands(pi: RpcPi): Promise<string[]> {
  const { data } = await pi.ask("get_commands");
  return data.commands.map(({ name }: { name: string }) => name);
}

async function end(pi: RpcPi): Promise<void> {
  await pi.close();
  expect(pi.errors()).toEqual([]);
  expect(pi.notices().filter(({ type }) => type === "error")).toEqual([]);
}

const dialogs = (pi: RpcPi) => pi.events.filter((event) => event["title"] !== undefined);
const titles = (pi: RpcPi): string[] => dialogs(pi).map((event) => event["title"]);
const title = (pi: RpcPi, index: number): string | undefined => titles(pi)[index];

function readConfig(box: SettingsBox): Record<string, unknown> {
  const path = join(box.home, ".config/pi-opensync/config.json");
  return JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
}
