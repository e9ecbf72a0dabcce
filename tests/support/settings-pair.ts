import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { settingsMachine } from "./settings-machine.ts";
import type { SettingsMachine } from "./settings-machine.ts";
import { tempDir } from "./temp.ts";

/** Two machines of one person, and the folder that they sync with. */
export interface SettingsPair extends AsyncDisposable {
  laptop: SettingsMachine;
  desktop: SettingsMachine;
  storage: string;
}

/** Makes two machines that have nothing yet. `settings` are those of both. */
export async function freshPair(settings: Record<string, unknown> = {}): Promise<SettingsPair> {
  const dir = await tempDir();
  const storage = join(dir.path, "storage");
  await mkdir(storage);
  const make = (name: string): Promise<SettingsMachine> =>
    settingsMachine({ root: dir.path, name, settings: { endpoint: storage, ...settings } });
  const [laptop, desktop] = [await make("laptop"), await make("desktop")];
  return { laptop, desktop, storage, [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose]() };
}

/** Makes two machines that agree on a few files. */
export async function syncedPair(settings: Record<string, unknown> = {}): Promise<SettingsPair> {
  const pair = await freshPair(settings);
  const { laptop, desktop } = pair;
  await laptop.write("settings.json", '{\n  "theme": "dark",\n  "shellPath": "/bin/zsh"\n}\n');
  await laptop.write("AGENTS.md", "one\ntwo\nthree\nfour\nfive\n");
  for (const name of ["a", "b", "c", "d"]) await laptop.write(`prompts/${name}.md`, `${name}\n`);
  await laptop.write("skills/tide/run.sh", "#!/bin/sh\n", 0o755);
  await laptop.run("sync");
  await desktop.run("automatic");
  return pair;
}
