import { chmod, mkdir, readFile, readdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { commandHome } from "./command-home.ts";
import type { CommandHome } from "./command-home.ts";
import { tempDir } from "./temp.ts";

/** A machine whose settings are synced. */
export interface SettingsHome extends CommandHome {
  /** pi's agent directory. */
  agentDir: string;
  write(path: string, content: string, mode?: number): Promise<void>;
  read(path: string): Promise<string>;
  /** pi's files with their contents, by path. */
  tree(): Promise<Record<string, string>>;
}

/** Two machines, and a folder that both reach. */
export interface SettingsHomes extends AsyncDisposable {
  laptop: SettingsHome;
  desk: SettingsHome;
  /** The folder. */
  storage: string;
  /** What stands in it. */
  stored(): Promise<Record<string, string>>;
}

/** Makes machines that are configured; the laptop has settings, if wanted, that are stored. */
export async function settingsHomes({ isStored = false } = {}): Promise<SettingsHomes> {
  const [laptop, desk, dir] = await Promise.all([settingsHome(), settingsHome(), tempDir()]);
  const storage = join(dir.path, "nas");
  for (const [machine, home] of Object.entries({ laptop, desk })) {
    await home.writeConfig({ settings: { endpoint: `file://${storage}`, machine } });
  }
  if (isStored) {
    await laptop.write("settings.json", '{\n  "theme": "dark"\n}\n');
    await laptop.write("AGENTS.md", "Be brief.\n");
    await laptop.write("prompts/review.md", "Review this.\n");
    await laptop.run(["settings", "sync", "--yes"]);
    await desk.run(["settings", "sync", "--yes"]);
  }
  return {
    laptop,
    desk,
    storage,
    stored: () => readTree(storage),
    async [Symbol.asyncDispose]() {
      for (const one of [laptop, desk, dir]) await one[Symbol.asyncDispose]();
    },
  };
}

/** Makes a machine without a configuration. */
export async function settingsHome(): Promise<SettingsHome> {
  const home = await commandHome();
  const agentDir = join(home.path, ".pi/agent");
  return {
    ...home,
    agentDir,
    async write(path, content, mode = 0o644) {
      await mkdir(dirname(join(agentDir, path)), { recursive: true });
      await writeFile(join(agentDir, path), content);
      await chmod(join(agentDir, path), mode);
    },
    read: (path) => readFile(join(agentDir, path), "utf8"),
    tree: () => readTree(agentDir),
  };
}

/** The files below a folder: path, content, and `*` where it can be run. */
export async function readTree(root: string): Promise<Record<string, string>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  const read = await Promise.all(
    files.map(async (entry): Promise<[string, string]> => {
      const path = join(entry.parentPath, entry.name);
      const { mode } = await stat(path);
      const name = path.slice(root.length + 1) + ((mode & 0o100) === 0 ? "" : "*");
      return [name, await readFile(path, "latin1")];
    }),
  );
  return Object.fromEntries(read.sort(([a], [b]) => (a < b ? -1 : 1)));
}
