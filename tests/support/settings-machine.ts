import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { openSettings } from "../../lib/settings/context.ts";
import type { SettingsContext } from "../../lib/settings/context.ts";
import type { Operation } from "../../lib/settings/actions.ts";
import { prepare, runOperation } from "../../lib/settings/run.ts";
import type { Outcome, Review } from "../../lib/settings/run.ts";
import type { ObjectStore } from "../../lib/object-store/object-store.ts";
import { systemClock } from "../../lib/platform/clock.ts";
import type { Clock } from "../../lib/platform/clock.ts";
import { resolvePaths } from "../../lib/platform/paths.ts";

/** A machine whose settings are synced: a home of its own, and a storage that it shares. */
export interface SettingsMachine {
  name: string;
  agentDir: string;
  env: Record<string, string>;
  context(): Promise<SettingsContext>;
  /** Runs an operation; whoever is asked says yes, unless `review` says otherwise. */
  run(
    operation: Operation,
    options?: { isForced?: boolean; review?: (review: Review) => Promise<boolean> },
  ): Promise<Outcome>;
  write(path: string, text: string, mode?: number): Promise<void>;
  /** The text of a file; undefined where there is none. */
  read(path: string): Promise<string | undefined>;
  remove(path: string): Promise<void>;
  /** Changes its configuration. */
  configure(settings: Record<string, unknown>): Promise<void>;
  /** Whether files have an executable bit there; as here, without. */
  hasModes?: boolean;
  /** Called before each step of an apply. */
  onStep?: (step: string) => void;
}

/** How a machine is made. */
export interface MachineOptions {
  /** A folder; the machine's home is made in it. */
  root: string;
  name: string;
  /** The `settings` of its configuration; with `store`, the endpoint is not used. */
  settings: Record<string, unknown>;
  /** Opens what takes the place of the storage that is configured. */
  openStore?: () => ObjectStore;
  clock?: Clock;
}

/** Makes a machine. */
export async function settingsMachine(options: MachineOptions): Promise<SettingsMachine> {
  const { root, name, settings, openStore, clock = systemClock } = options;
  const home = join(root, name);
  const agentDir = join(home, ".pi", "agent");
  const env = { HOME: home, PATH: process.env["PATH"] ?? "" };
  const paths = resolvePaths(env, "linux");
  const { signal } = new AbortController();
  await mkdir(dirname(paths.configFile), { recursive: true });
  await mkdir(agentDir, { recursive: true });
  const configure = async (changed: Record<string, unknown>): Promise<void> => {
    const config = JSON.stringify({ settings: { machine: name, ...settings, ...changed } });
    await writeFile(paths.configFile, config, { mode: 0o600 });
  };
  await configure({});
  const tools = { env, paths, clock, fetch: globalThis.fetch, hostname: name };
  const context = async (): Promise<SettingsContext> => {
    const opened = await openSettings(tools, openStore);
    const { onStep, hasModes = opened.hasModes } = machine;
    const place = { ...opened.place, hasModes, ...(onStep && { onStep }) };
    return { ...opened, hasModes, place };
  };
  const machine: SettingsMachine = {
    name,
    agentDir,
    env,
    context,
    async run(operation, { isForced = false, review = () => Promise.resolve(true) } = {}) {
      const opened = await context();
      const plan = (): ReturnType<typeof prepare> =>
        prepare(opened, operation, { isForced, signal });
      return runOperation(opened, { kind: operation }, plan, { review, signal });
    },
    async write(path, text, mode = 0o644) {
      const file = join(agentDir, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
      await chmod(file, mode);
    },
    read: async (path) => {
      const file = join(agentDir, path);
      return existsSync(file) ? readFile(file, "utf8") : undefined;
    },
    configure,
    remove: (path) => rm(join(agentDir, path), { recursive: true }),
  };
  return machine;
}
