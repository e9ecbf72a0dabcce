import { chmod, lstat, mkdir, readFile, readdir, readlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { ApplyPlace, FileChange } from "../../../../lib/settings/apply/place.ts";
import { readLocalFile } from "../../../../lib/settings/read-local.ts";
import type { Clock } from "../../../../lib/platform/clock.ts";
import { tempDir } from "../../../support/temp.ts";

/** An agent directory and a folder for our state, both in a folder of their own. */
export interface ApplyHome extends AsyncDisposable {
  path: string;
  place: ApplyPlace;
  /** Writes a file of the agent directory. */
  write(path: string, content: string, mode?: number): Promise<void>;
  read(path: string): Promise<string>;
  /** A change from what the file is now; without a content, its deletion. */
  change(path: string, content?: string, isExecutable?: boolean): Promise<FileChange>;
}

/** Makes them, the agent directory with some files. */
export async function applyHome(files: Record<string, string> = {}): Promise<ApplyHome> {
  const dir = await tempDir();
  const place = placeIn(dir.path);
  await mkdir(place.agentDir, { recursive: true });
  const write = async (path: string, content: string, mode = 0o644): Promise<void> => {
    const full = join(place.agentDir, path);
    await mkdir(dirname(full), { recursive: true });
    await writeFile(full, content);
    await chmod(full, mode);
  };
  for (const [path, content] of Object.entries(files)) await write(path, content);
  return {
    path: dir.path,
    place,
    write,
    read: (path) => readFile(join(place.agentDir, path), "utf8"),
    change: async (path, content, isExecutable = false) => ({
      path,
      before: (await readLocalFile(place.agentDir, path, place.localKeys))?.state,
      after: content === undefined ? undefined : { content: Buffer.from(content), isExecutable },
    }),
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

/** Where changes are applied in such a folder. */
export function placeIn(path: string): ApplyPlace {
  return {
    agentDir: join(path, "agent"),
    stateDir: join(path, "state"),
    localKeys: [],
    hasModes: true,
    clock: fastClock(),
  };
}

/** A clock of which sleeps take no time. */
export function fastClock(): Clock {
  let aheadMs = 0;
  return {
    now: () => Date.now() + aheadMs,
    random: () => 0,
    sleep: (ms) => Promise.resolve(void (aheadMs += ms)),
  };
}

/** All that is below a folder: files with permissions and content, folders with a slash. */
export async function listTree(dir: string, below = ""): Promise<string[]> {
  const tree: string[] = [];
  const names: string[] = await readdir(join(dir, below)).catch(() => []);
  for (const name of names.sort()) {
    const path = join(below, name);
    const stats = await lstat(join(dir, path));
    if (stats.isSymbolicLink()) tree.push(`${path} -> ${await readlink(join(dir, path))}`);
    else if (stats.isDirectory()) tree.push(`${path}/`, ...(await listTree(dir, path)));
    else {
      const mode = (stats.mode & 0o777).toString(8);
      tree.push(`${mode} ${path}: ${await readFile(join(dir, path), "utf8")}`);
    }
  }
  return tree;
}

/** A file of each kind of change, and the changes. */
export async function fullScenario(home: ApplyHome): Promise<FileChange[]> {
  await home.write("AGENTS.md", "old agents", 0o600);
  await home.write("settings.json", '{ "theme": "dark", "shellPath": "/bin/zsh" }\n', 0o600);
  await home.write("extensions/tool.sh", "#!/bin/sh");
  await home.write("prompts/old/deep/a.md", "gone");
  await home.write("prompts/kept.md", "kept");
  return [
    await home.change("AGENTS.md", "new agents"),
    await home.change("extensions/tool.sh", "#!/bin/sh", true),
    await home.change("prompts/old/deep/a.md"),
    await home.change("settings.json", '{ "theme": "light", "quietStartup": true }'),
    await home.change("skills/new/deep/SKILL.md", "a skill"),
    await home.change("skills/new/run.sh", "#!/bin/sh\nexit", true),
  ];
}
