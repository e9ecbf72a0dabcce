import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Env } from "../../../lib/platform/paths.ts";
import { tempDir } from "../temp.ts";
import type { Launch } from "./launch.ts";
import { scriptedModel } from "./model.ts";
import type { ScriptedModel } from "./model.ts";
import { runPi } from "./print.ts";
import type { Printed } from "./print.ts";
import { RpcPi } from "./rpc.ts";
import type { PiTarget } from "./targets.ts";
import { TuiPi } from "./tui.ts";

/** What a pi is to be tried with. */
export interface SandboxOptions {
  target: PiTarget;
  /** Files of extensions; ours unless given. */
  extensions?: readonly string[];
  /** Changes to pi's settings.json. */
  settings?: Record<string, unknown>;
  /** Our config.json. */
  config?: Record<string, unknown>;
  env?: Env;
  /** Tokens that the model takes, 128,000 unless given. */
  contextWindow?: number;
}

/** A line of a session file. */
export interface FileEntry {
  type: string;
  id: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- entries of any shape
  [field: string]: any;
}

/** Ways to start pi. */
interface Starters {
  /** Runs `pi …` to its end. */
  run(...args: string[]): Promise<Printed>;
  /** Starts `pi --mode rpc …`. */
  rpc(...args: string[]): RpcPi;
  /** Starts `pi …` in a terminal and waits until it takes a prompt. */
  tui(...args: string[]): Promise<TuiPi>;
}

/** A home, a project and a model for one pi after another. */
export interface PiSandbox extends Starters, AsyncDisposable {
  target: PiTarget;
  home: string;
  agentDir: string;
  project: string;
  model: ScriptedModel;
  /** The variables that pi runs with, and nothing else. */
  env: Env;
  /** Starts pi in another project, which is made. */
  inProject(name: string): Promise<Starters>;
  /** The files of all sessions, the oldest first. */
  sessionFiles(): string[];
  /** The entries of a session's file; of the newest one unless given. */
  entries(file?: string): FileEntry[];
}

/** The extension under test. */
export const ourExtension = join(import.meta.dirname, "../../../extension/index.ts");

/** Makes a sandbox. Everything in it is gone when it is disposed of. */
export async function piSandbox(options: SandboxOptions): Promise<PiSandbox> {
  const { target, extensions = [ourExtension] } = options;
  const dir = await tempDir();
  const model = await scriptedModel();
  const [home, agentDir, project] = ["home", "agent", "project"].map((name) =>
    join(dir.path, name),
  ) as [string, string, string];
  await mkdir(project);
  await writeJson(join(agentDir, "models.json"), describeModels(model, options));
  await writeJson(join(agentDir, "settings.json"), { ...settings, ...options.settings });
  if (options.config) {
    await writeJson(join(home, ".config/pi-opensync/config.json"), options.config);
  }

  const env = {
    PATH: process.env["PATH"],
    LANG: "C.UTF-8",
    TERM: "xterm-256color",
    HOME: home,
    PI_CODING_AGENT_DIR: agentDir,
    PI_OFFLINE: "1",
    PI_TELEMETRY: "0",
    ...options.env,
  };
  const flags = extensions.flatMap((path) => ["-e", path]);
  const startersIn = (cwd: string): Starters => {
    const launch = (...args: string[]): Launch => ({
      command: [...target.command, ...flags, ...args],
      cwd,
      env,
    });
    return {
      run: (...args) => runPi(launch(...args)),
      rpc: (...args) => new RpcPi(launch("--mode", "rpc", ...args)),
      async tui(...args) {
        const pi = new TuiPi(launch(...args), dir.path);
        await pi.sees(/\b(alpha|beta)\b/);
        return pi;
      },
    };
  };
  const sessionFiles = (): string[] => listSessions(join(agentDir, "sessions"));
  return {
    target,
    home,
    agentDir,
    project,
    model,
    env,
    ...startersIn(project),
    async inProject(name) {
      await mkdir(join(dir.path, name), { recursive: true });
      return startersIn(join(dir.path, name));
    },
    sessionFiles,
    entries: (file = sessionFiles().at(-1)) => (file ? readEntries(file) : []),
    async [Symbol.asyncDispose]() {
      await model[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** No network, no waiting, and no screen full of tips. */
const settings = {
  defaultProvider: "scripted",
  defaultModel: "alpha",
  defaultThinkingLevel: "off",
  quietStartup: true,
  retry: { enabled: true, maxRetries: 2, baseDelayMs: 50, provider: { maxRetries: 0 } },
};

function describeModels(model: ScriptedModel, { contextWindow = 128_000 }: SandboxOptions): object {
  const describe = (id: string): object => ({
    id,
    name: `Scripted ${id}`,
    reasoning: true,
    input: ["text", "image"],
    contextWindow,
    maxTokens: 4096,
    cost: { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 },
  });
  const scripted = {
    baseUrl: model.baseUrl,
    api: "openai-completions",
    apiKey: "scripted-key",
    compat: { supportsDeveloperRole: false, supportsReasoningEffort: false },
    models: [describe("alpha"), describe("beta")],
  };
  return { providers: { scripted } };
}

async function writeJson(path: string, value: object): Promise<void> {
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, JSON.stringify(value, null, 2));
}

function listSessions(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".jsonl"))
    .sort()
    .map((name) => join(dir, name));
}

function readEntries(file: string): FileEntry[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as FileEntry);
}
