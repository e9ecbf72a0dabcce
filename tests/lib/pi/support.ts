import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { Env } from "../../../lib/platform/paths.ts";
import { tempDir } from "../../support/temp.ts";

/** A home folder with pi's agent directory in it. */
export interface PiHome extends AsyncDisposable {
  path: string;
  agentDir: string;
  settingsPath: string;
  env: Env;
  /** Writes a file below the home folder; an object as JSON. */
  write(path: string, content: unknown): Promise<string>;
  writeSettings(content: unknown): Promise<string>;
  readSettings(): Promise<string>;
}

/** Makes an empty one. */
export async function piHome(): Promise<PiHome> {
  const dir = await tempDir();
  const agentDir = join(dir.path, ".pi/agent");
  const settingsPath = join(agentDir, "settings.json");
  const write = async (path: string, content: unknown): Promise<string> => {
    const full = join(dir.path, path);
    await mkdir(dirname(full), { recursive: true });
    await writeFile(full, typeof content === "string" ? content : JSON.stringify(content, null, 2));
    return full;
  };
  return {
    path: dir.path,
    agentDir,
    settingsPath,
    env: { HOME: dir.path },
    write,
    writeSettings: (content) => write(".pi/agent/settings.json", content),
    readSettings: () => readFile(settingsPath, "utf8"),
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}
