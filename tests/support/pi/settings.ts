import { existsSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { settingsMachine } from "../settings-machine.ts";
import type { SettingsMachine } from "../settings-machine.ts";
import { tempDir } from "../temp.ts";
import type { RpcPi } from "./rpc.ts";
import { piSandbox } from "./sandbox.ts";
import type { PiSandbox, SandboxOptions } from "./sandbox.ts";
import { until } from "./until.ts";

/** A sandbox, and another machine with a folder that both may sync with. */
export interface SettingsBox extends PiSandbox {
  /** The folder. */
  storage: string;
  /** Its name is beta. */
  other: SettingsMachine;
  /** Writes a file of pi's agent directory. */
  write(path: string, text: string): Promise<void>;
  /** What it holds; undefined where it is not there. */
  read(path: string): string | undefined;
}

/** How a sandbox is made. */
export interface SettingsOptions extends Omit<SandboxOptions, "config"> {
  /** The `settings` of its configuration, the folder unless given; null for none. */
  sync?: Record<string, unknown> | null;
}

/** Makes a sandbox. */
export async function settingsBox({
  sync = {},
  ...options
}: SettingsOptions): Promise<SettingsBox> {
  const dir = await tempDir();
  const storage = join(dir.path, "storage");
  await mkdir(storage);
  const settings = { endpoint: storage, machine: "alpha", ...sync };
  const box = await piSandbox({ ...options, ...(sync && { config: { settings } }) });
  const other = await settingsMachine({
    root: dir.path,
    name: "beta",
    settings: { endpoint: storage },
  });
  return {
    ...box,
    storage,
    other,
    async write(path, text) {
      const file = join(box.agentDir, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    },
    read(path) {
      const file = join(box.agentDir, path);
      return existsSync(file) ? readFileSync(file, "utf8") : undefined;
    },
    async [Symbol.asyncDispose]() {
      await box[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** What a dialog is answered: a choice by how it begins, a text, yes or no, or nothing. */
type Answer = string | boolean | undefined;

/** Runs `/pisync …`, answers its dialogs, and gives what it told at the end. */
export async function pisync(pi: RpcPi, args: string, ...answers: Answer[]): Promise<string> {
  const before = pi.notices().length;
  const done = pi.ask("prompt", { message: `/pisync ${args}`.trim() });
  for (const answer of answers) {
    const dialog = await pi.dialog();
    if (answer === undefined) pi.answer(dialog, { cancelled: true });
    else if (typeof answer === "boolean") pi.answer(dialog, { confirmed: answer });
    else pi.answer(dialog, { value: choose(dialog["options"], answer) });
  }
  await done;
  const told = pi.notices().slice(before);
  return told.map(({ message }) => message).join("\n");
}

function choose(options: string[] | undefined, answer: string): string {
  if (options === undefined) return answer;
  const found = options.find((option) => option.startsWith(answer));
  if (found === undefined) throw new Error(`no ${answer} among\n${options.join("\n")}`);
  return found;
}

/** Waits until pi has told a notice, and gives it. */
export async function noticed(pi: RpcPi, text: string | RegExp): Promise<string> {
  const pattern = typeof text === "string" ? new RegExp(RegExp.escape(text)) : text;
  const told = (): string[] => pi.notices().map(({ message }) => message);
  return until(`the notice ${text}`, () => told().find((message) => pattern.test(message)), {
    describe: () => told().join("\n"),
  });
}

/** What settings sync shows in the footer. */
export function settingsFooter(pi: RpcPi): string | undefined {
  return pi.status("opensync-settings");
}

/** Waits until the footer shows a text. */
export async function footerSays(pi: RpcPi, text: string | undefined): Promise<void> {
  await until(`the footer ${text}`, () => settingsFooter(pi) === text, {
    describe: () => `${settingsFooter(pi)}\n${JSON.stringify(pi.notices())}`,
  });
}
