import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { packPackage } from "../../cli/build/pack.ts";
import { piTargets } from "../support/pi/install.ts";
import type { Answer } from "../support/pi/model.ts";
import { piSandbox } from "../support/pi/sandbox.ts";
import type { PiTarget } from "../support/pi/targets.ts";
import { tempDir } from "../support/temp.ts";
import { median } from "./bench.ts";
import type { BenchResult } from "./bench.ts";
import { slowServer } from "./slow-server.ts";

const rounds = 2;
const promptsPerRound = 5;
const turns = 6;
/** Of the server; with Infinity it never answers. */
const latenciesMs = [0, 200, 3000, Infinity];
/** Two series without the extension differ by as much. */
const ratioMax = 1.05;
/** So long pi waits at its end for messages to be sent, and a little for all else. */
const exitMsMax = 2100;

/** How long prompts and the end of a real pi take with the extension, and without it. */
export async function benchPrompt(): Promise<BenchResult[]> {
  await using dir = await tempDir();
  const packed = join(dir.path, "package");
  await packPackage(packed);
  const stopwatch = join(dir.path, "stopwatch.ts");
  await writeFile(stopwatch, stopwatchSource);

  const results: BenchResult[] = [];
  for (const target of await piTargets()) {
    const alone: Times[] = [];
    const synced = new Map<number, Times[]>(latenciesMs.map((latencyMs) => [latencyMs, []]));
    for (let round = 0; round < rounds; round++) {
      alone.push(await runSession(target, [stopwatch]));
      for (const [latencyMs, times] of synced) {
        times.push(await runSession(target, [packed, stopwatch], latencyMs));
      }
    }
    for (const [latencyMs, times] of synced) {
      const server = latencyMs === Infinity ? "a server that never answers" : `${latencyMs} ms`;
      results.push(...compare(`${target.name}, ${server}`, times, alone));
    }
  }
  return results;
}

/** Milliseconds of one session. */
interface Times {
  prompts: number[];
  exit: number;
}

function compare(where: string, synced: Times[], alone: Times[]): BenchResult[] {
  const prompt = (times: Times[]): number => median(times.flatMap(({ prompts }) => prompts));
  const exit = (times: Times[]): number => median(times.map((time) => time.exit));
  const ratio = prompt(synced) / prompt(alone);
  const waitMs = exit(synced) - exit(alone);
  return [
    {
      name: `a prompt of ${turns} turns over one without the extension: ${where}`,
      value: ratio,
      unit: "×",
      goal: String(ratioMax),
      ok: ratio <= ratioMax,
    },
    {
      name: `pi's end, more than without the extension: ${where}`,
      value: waitMs,
      unit: "ms",
      goal: String(exitMsMax),
      ok: waitMs <= exitMsMax,
    },
  ];
}

/** One pi with some prompts, the first of which is not measured. */
async function runSession(
  target: PiTarget,
  extensions: string[],
  latencyMs?: number,
): Promise<Times> {
  await using server = await slowServer(latencyMs ?? 0);
  const { url, apiKey } = server;
  await using box = await piSandbox({ target, extensions, config: { url, apiKey } });
  await writeFile(join(box.project, "notes.txt"), "Something to read.\n");
  await using pi = box.rpc();
  for (let prompt = 0; prompt < promptsPerRound; prompt++) {
    box.model.play(...Array.from({ length: turns - 1 }, () => readNotes), { text: "Done." });
    await pi.prompt(`Read the notes, for the ${prompt}th time.`);
  }
  const startedAt = performance.now();
  await pi.close();
  const exit = performance.now() - startedAt;
  const prompts = (await readFile(join(box.home, "times"), "utf8")).trim().split("\n").map(Number);
  if (server.requests() > 0 !== (latencyMs !== undefined))
    throw new Error("the wrong pi was measured");
  return { prompts: prompts.slice(1), exit };
}

/** It takes about 0.2 s, and pi has time for other things meanwhile, as with a real model. */
const readNotes: Answer = {
  text: "I read the notes.",
  wordMs: 50,
  calls: [{ name: "read", args: { path: "notes.txt" } }],
};

/** An extension that notes how many milliseconds each prompt took. */
const stopwatchSource = `
import { appendFileSync } from "node:fs";

export default (pi) => {
  let startedAt = 0;
  pi.on("input", () => void (startedAt = performance.now()));
  pi.on("agent_end", () => {
    appendFileSync(\`\${process.env.HOME}/times\`, \`\${performance.now() - startedAt}\\n\`);
  });
};
`;
