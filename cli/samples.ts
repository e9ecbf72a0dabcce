import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Paths } from "../lib/platform/paths.ts";
import letter from "./samples/letter.jsonl" with { type: "text" };
import tideFork from "./samples/tide-table-fork.jsonl" with { type: "text" };
import tide from "./samples/tide-table.jsonl" with { type: "text" };

/** Sample sessions in a temporary place, with everything that comes of them. */
export interface Samples extends AsyncDisposable {
  dir: string;
  paths: Paths;
  sessions: string;
}

/** Writes the sample sessions to a new temporary folder, which disposing of them removes. */
export async function useSamples(): Promise<Samples> {
  const dir = await mkdtemp(join(tmpdir(), "pi-opensync-samples-"));
  const sessions = join(dir, "sessions");
  await mkdir(sessions);
  for (const [name, text] of Object.entries({ tide, tideFork, letter })) {
    await writeFile(join(sessions, `${name}.jsonl`), text);
  }
  return {
    dir,
    sessions,
    paths: {
      configFile: join(dir, "config.json"),
      stateDir: join(dir, "state"),
      dataDir: join(dir, "data"),
    },
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}
