/** `settings` as a person sees it, in a terminal. */

import { describe, expect, test } from "bun:test";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { choose, confirm, openBinary } from "../support/binary-terminal.ts";
import type { BinaryTerminal } from "../support/binary-terminal.ts";
import { binary } from "../support/cli.ts";
import { readTree } from "../support/settings-homes.ts";

const timeLimitMs = 60_000;
const configPath = ".config/pi-opensync/config.json";
const files = {
  ".pi/agent/settings.json": { theme: "dark" },
  ".pi/agent/AGENTS.md": "Be brief.\n",
  ".pi/agent/skills/count-the-words/SKILL.md": "Count.\n",
  ".pi/agent/extensions/tidy/node_modules/left-pad.js": "x",
};
const config = { [configPath]: { settings: { endpoint: "~/nas", machine: "laptop" } } };

/** The screen, when it does not change any more. */
async function screenOf({ screen }: BinaryTerminal): Promise<string> {
  await screen.stands();
  return screen.screen().trimEnd();
}

function expectFit(screen: string, columns: number): void {
  expect(screen.split("\n").filter((line) => Bun.stringWidth(line) > columns)).toEqual([]);
}

describe.each([80, 40])("at %d columns", (columns) => {
  test(
    "init asks for a folder, and says how both sides stand",
    async () => {
      await using terminal = await openBinary("settings init", { columns, files });
      const { screen } = terminal;
      await choose(screen, "Where are pi's settings to be kept?", "A folder");
      await screen.sees("◆  The folder");
      await screen.type("~/nas");
      screen.press("Enter");
      await choose(screen, "Encrypt what leaves this machine?", "No");
      await screen.sees("exit 0");
      const shown = await screenOf(terminal);
      expect(shown).toMatchSnapshot();
      expectFit(shown, columns);
      expect(await terminal.readJson(configPath)).toEqual({ settings: { endpoint: "~/nas" } });
    },
    timeLimitMs,
  );

  test(
    "sync shows what it is going to do, and status what it did",
    async () => {
      await using terminal = await openBinary(`settings sync; "${binary}" settings`, {
        columns,
        files: { ...files, ...config },
      });
      await confirm(terminal.screen, "Sync?");
      await terminal.screen.sees("exit 0");
      const shown = await screenOf(terminal);
      expect(shown).toMatchSnapshot();
      expectFit(shown, columns);
    },
    timeLimitMs,
  );
});

test(
  "No is an answer",
  async () => {
    await using terminal = await openBinary("settings sync", { files: { ...files, ...config } });
    await confirm(terminal.screen, "Sync?", false);
    await terminal.screen.sees("Nothing was changed.");
    await terminal.screen.sees("exit 0");
    expect(terminal.has("nas/pi-sync/profiles/default/log")).toBe(false);
  },
  timeLimitMs,
);

test(
  "Ctrl-C at a question changes nothing, and leaves no lock",
  async () => {
    await using terminal = await openBinary("settings sync", { files: { ...files, ...config } });
    const before = await readTree(join(terminal.home, ".pi"));
    await terminal.screen.sees("◆  Sync?");
    terminal.screen.press("C-c");
    await terminal.screen.sees("Nothing was changed.");
    await terminal.screen.sees("exit 130");
    expect(await readTree(join(terminal.home, ".pi"))).toEqual(before);
    const state = Object.keys(await readTree(join(terminal.home, ".local/state/pi-opensync")));
    expect(state.filter((path) => path.endsWith("lock"))).toEqual([]);
  },
  timeLimitMs,
);

test(
  "init lets what is wrong be mended, and shows no secret",
  async () => {
    await using terminal = await openBinary("settings init", { files });
    const { screen } = terminal;
    await choose(screen, "Where are pi's settings to be kept?", "Another S3");
    for (const [question, answer] of [
      ["The service's address", "http://127.0.0.1:9"],
      ["The bucket", "pi-settings"],
      ["The bucket's region", "eu"],
    ] as const) {
      await screen.sees(`◆  ${question}`);
      screen.press("C-u");
      await screen.type(answer);
      screen.press("Enter");
    }
    for (const question of ["The access key ID", "The secret access key"]) {
      await screen.sees(`◆  ${question}`);
      screen.press(...Array.from("AKID0SECRET"));
      await screen.sees(/◆ {2}The .*\n│ {2}▪{11}/);
      screen.press("Enter");
    }
    await choose(screen, "Encrypt what leaves this machine?", "No");
    await screen.sees("could not be reached");
    expect(screen.screen()).not.toContain("AKID0SECRET");
    expect(terminal.has(configPath)).toBe(false);
    await choose(screen, "What now?", "Change the answers");
    await choose(screen, "Where are pi's settings to be kept?", "A folder");
    await screen.sees(/◆ {2}The folder[^\n]*\n│ {2}http:/);
    screen.press("C-u");
    await screen.type("~/nas");
    screen.press("Enter");
    await choose(screen, "Encrypt what leaves this machine?", "No");
    await screen.sees("exit 0");
    expect(await terminal.readJson(configPath)).toMatchObject({ settings: { endpoint: "~/nas" } });
  },
  timeLimitMs,
);

test(
  "with a new key, all that leaves the machine is sealed",
  async () => {
    await using terminal = await openBinary(`settings init && "${binary}" settings sync -y`, {
      files,
    });
    const { screen } = terminal;
    await choose(screen, "Where are pi's settings to be kept?", "A folder");
    await screen.sees("◆  The folder");
    await screen.type("~/nas");
    screen.press("Enter");
    await choose(screen, "Encrypt what leaves this machine?", "Yes, with a new key");
    await screen.sees("All that leaves this machine is encrypted.");
    await screen.sees("exit 0");
    const { settings } = (await terminal.readJson(configPath)) as {
      settings: Record<string, string>;
    };
    expect(settings["encryptionKey"]).toStartWith("AGE-SECRET-KEY-1");
    expect(screen.screen()).not.toContain("AGE-SECRET-KEY-1");
    const stored = JSON.stringify(await readTree(join(terminal.home, "nas")));
    expect(stored).not.toContain("count-the-words");
    expect(stored).not.toContain("AGE-SECRET-KEY-1");
  },
  timeLimitMs,
);

test(
  "a secret is asked for unseen",
  async () => {
    await using terminal = await openBinary("settings config secretAccessKey");
    const { screen } = terminal;
    await screen.sees("◆  Secret access key");
    screen.press(...Array.from("a-secret-of-mine"));
    await screen.sees("▪".repeat(16));
    screen.press("Enter");
    await screen.sees("exit 0");
    expect(screen.screen()).toContain("secretAccessKey  …mine");
    expect(screen.screen()).not.toContain("a-secret-of-mine");
    expect(await terminal.readJson(configPath)).toEqual({
      settings: { secretAccessKey: "a-secret-of-mine" },
    });
  },
  timeLimitMs,
);

test(
  "a conflict is looked at, and decided",
  async () => {
    const two = 'export PI_CODING_AGENT_DIR="$HOME/two"; mkdir two';
    const back = "unset PI_CODING_AGENT_DIR";
    const sync = `"${binary}" settings sync --yes >/dev/null 2>&1`;
    const args = [
      "settings sync --yes >/dev/null 2>&1",
      `${two}; ${sync}; echo Theirs. > two/AGENTS.md; ${sync}; ${back}`,
      `echo Mine. > .pi/agent/AGENTS.md; "${binary}" settings resolve`,
    ].join("; ");
    await using terminal = await openBinary(args, { files: { ...files, ...config } });
    const { screen } = terminal;
    await choose(screen, "! AGENTS.md", "Show the difference");
    await screen.sees("-Theirs.");
    await choose(screen, "! AGENTS.md", "Take the storage's version");
    await screen.sees("AGENTS.md is the storage's now.");
    await screen.sees("exit 0");
    expect(await readFile(join(terminal.home, ".pi/agent/AGENTS.md"), "utf8")).toBe("Theirs.\n");
  },
  timeLimitMs,
);

test(
  "Enter alone deletes nothing in masses",
  async () => {
    const args = `settings sync --yes --quiet; rm -r .pi/agent/skills .pi/agent/AGENTS.md; "${binary}" settings sync --yes`;
    await using terminal = await openBinary(args, { files: { ...files, ...config } });
    await terminal.screen.sees("2 of 3 files are deleted in the storage");
    terminal.screen.press("Enter");
    await terminal.screen.sees("Nothing was changed.");
    await terminal.screen.sees("exit 0");
  },
  timeLimitMs,
);

describe("setup offers it", () => {
  const server = {
    [configPath]: { url: "http://127.0.0.1:7350", apiKey: `osk_${"k".repeat(32)}` },
    ".pi/agent/settings.json": { packages: ["npm:pi-opensync"], theme: "dark" },
  };

  /** Answers what setup asks about the server. */
  async function openAtOffer(): Promise<BinaryTerminal> {
    const terminal = await openBinary("setup", { files: { ...files, ...server } });
    await choose(terminal.screen, "Do you want to change anything?", "No, go on");
    await choose(terminal.screen, "What now?", "Use it all the same");
    await terminal.screen.sees("◆  Keep pi's settings the same on all your machines, too?");
    return terminal;
  }

  test(
    "and goes as far as the first sync",
    async () => {
      await using terminal = await openAtOffer();
      const { screen } = terminal;
      screen.press("y");
      await choose(screen, "Where are pi's settings to be kept?", "A folder");
      await screen.sees("◆  The folder");
      await screen.type("~/nas");
      screen.press("Enter");
      await choose(screen, "Encrypt what leaves this machine?", "No");
      await confirm(screen, "Sync?");
      await screen.sees("Stored as #1.");
      await screen.sees("exit 0");
      expect(terminal.has("nas/pi-sync/profiles/default/log/0000000001.json")).toBe(true);
    },
    timeLimitMs,
  );

  test(
    "and Enter alone leaves it",
    async () => {
      await using terminal = await openAtOffer();
      terminal.screen.press("Enter");
      await terminal.screen.sees("'pi-opensync settings init' sets up settings sync another time.");
      await terminal.screen.sees("exit 0");
      expect(await terminal.readJson(configPath)).toEqual(server[configPath]);
    },
    timeLimitMs,
  );
});

test(
  "uninstall names the backups that go with the state, and where settings stay",
  async () => {
    const args = `settings sync --yes --quiet; echo Long. > .pi/agent/AGENTS.md; "${binary}" settings rollback 1 --yes --quiet; "${binary}" uninstall`;
    await using terminal = await openBinary(args, { files: { ...files, ...config } });
    const { screen } = terminal;
    await confirm(screen, "Take pi-opensync out of pi?");
    await screen.sees(
      /With the state, 1 backup of pi's settings of \d{4}-\d\d-\d\d would be deleted/,
    );
    await confirm(screen, "Delete configuration and state");
    await screen.sees(/Deleted with them: 1 backup of pi's settings/);
    await screen.sees("in the storage: ~/nas,");
    await screen.sees("exit 0");
    expect(terminal.has(".local/state/pi-opensync")).toBe(false);
    expect(terminal.has("nas/pi-sync/profiles/default/log/0000000001.json")).toBe(true);
  },
  timeLimitMs,
);
