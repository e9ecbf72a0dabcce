import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { startS3Server } from "../support/s3-server/server.ts";
import type { S3Server } from "../support/s3-server/server.ts";
import { settingsMachine } from "../support/settings-machine.ts";
import type { SettingsMachine } from "../support/settings-machine.ts";
import { tempDir } from "../support/temp.ts";
import { median } from "./bench.ts";
import type { BenchResult } from "./bench.ts";
import { run } from "./corpus.ts";
import { settleMs, writeSettings } from "./settings-files.ts";

const rounds = 3;
/** Runs of a task in one process, of which the first stands for itself. */
const roundsInChild = 7;

/** What settings sync asks of the storage, and how long it takes. */
export async function benchSettings(): Promise<BenchResult[]> {
  await using dir = await tempDir();
  const source = join(import.meta.dirname, "settings-child.ts");
  await Bun.build({
    entrypoints: [source],
    target: "node",
    outdir: dir.path,
    external: ["age-encryption"],
  });
  const runtimes: readonly Runtime[] = [
    { name: "Bun", command: [process.execPath, source] },
    { name: "Node", command: ["node", join(dir.path, "settings-child.js")] },
  ];
  return [
    ...(await benchStorage(join(dir.path, "storage"), runtimes)),
    ...(await benchPlan(join(dir.path, "plan"), runtimes)),
  ];
}

/** `settings-child.ts` under one runtime. */
interface Runtime {
  name: string;
  command: readonly string[];
}

/** Two machines with 500 files, and a storage that is not near. */
async function benchStorage(root: string, runtimes: readonly Runtime[]): Promise<BenchResult[]> {
  await using server = await startS3Server({ latencyMs: 50 });
  const [credentials] = server.credentials;
  const settings = { endpoint: server.url, bucket: server.bucket, region: server.region };
  const open = (name: string): Promise<SettingsMachine> =>
    settingsMachine({ root, name, settings: { ...settings, ...credentials } });
  const [one, other] = [await open("one"), await open("other")];
  const files = await writeSettings(one, 500);
  const first = [
    ...describe("first push of 500 files", await measure(server, () => one.run("push"))),
    ...describe("first pull of 500 files", await measure(server, () => other.run("pull"))),
  ];
  await Bun.sleep(settleMs);
  const changes = await benchChanges(server, [one, other], [...files]);
  await Bun.sleep(settleMs);
  await one.run("sync");
  const results = [...first, ...changes];
  for (const runtime of runtimes) {
    for (const latencyMs of [50, 200]) {
      server.latencyMs = latencyMs;
      results.push(...(await benchNothing(server, one, runtime)));
    }
    results.push(await benchQuestion(one, runtime));
  }
  return results;
}

/** What an operation asked of the storage. */
interface Cost {
  requests: number;
  bytes: number;
  /** How long it took, in round trips. */
  roundTrips: number;
}

async function measure(server: S3Server, work: () => Promise<unknown>): Promise<Cost> {
  server.requests.length = 0;
  const startedAt = performance.now();
  await work();
  const ms = performance.now() - startedAt;
  return {
    requests: server.requests.length,
    bytes: server.requests.reduce((sum, { bytesUp, bytesDown }) => sum + bytesUp + bytesDown, 0),
    roundTrips: ms / server.latencyMs,
  };
}

function describe(what: string, { requests, roundTrips }: Omit<Cost, "bytes">): BenchResult[] {
  return [
    { name: `requests of a ${what}`, value: requests, unit: "" },
    { name: `round trips of 50 ms that a ${what} takes`, value: roundTrips, unit: "×" },
  ];
}

/** A push of 3 changed files, and the pull of them. */
async function benchChanges(
  server: S3Server,
  [one, other]: [SettingsMachine, SettingsMachine],
  files: readonly [string, string][],
): Promise<BenchResult[]> {
  const costs = { push: [] as Cost[], pull: [] as Cost[] };
  const ratios = { push: [] as number[], pull: [] as number[] };
  for (let round = 0; round <= rounds; round++) {
    const changed = files
      .slice(round * 3, round * 3 + 3)
      .map(([path, text]) => [path, `${text}\nOne more line.\n`] as const);
    for (const [path, text] of changed) await one.write(path, text);
    const compressed = gzipSync(changed.map(([, text]) => text).join("")).length;
    for (const [operation, machine] of [
      ["push", one],
      ["pull", other],
    ] as const) {
      const cost = await measure(server, () => machine.run(operation));
      if (round === 0) continue;
      costs[operation].push(cost);
      ratios[operation].push(cost.bytes / compressed);
    }
  }
  const results: BenchResult[] = [];
  for (const operation of ["push", "pull"] as const) {
    const what = `${operation} of 3 changed files`;
    const value = median(ratios[operation]);
    const name = `bytes of a ${what} over these, compressed`;
    results.push({ name, value, unit: "×", goal: "2", ok: value <= 2 });
    const middle = (of: keyof Cost): number => median(costs[operation].map((cost) => cost[of]));
    const [requests, roundTrips] = [middle("requests"), middle("roundTrips")];
    results.push(...describe(what, { requests, roundTrips }));
  }
  return results;
}

/** An automatic sync with nothing to do. */
async function benchNothing(
  server: S3Server,
  machine: SettingsMachine,
  runtime: Runtime,
): Promise<BenchResult[]> {
  const costs: Cost[] = [];
  const times = await alternate({
    sync: async () => {
      let ms: number[] = [];
      const cost = await measure(server, async () => {
        ms = await inChild(runtime, machine, "sync");
      });
      costs.push(cost);
      return ms;
    },
    bare: () => inChild(runtime, machine, "round trip", server.url),
  });
  const perSync = (of: "requests" | "bytes"): number =>
    median(costs.map((cost) => cost[of])) / roundsInChild;
  const requests = perSync("requests");
  const where = `at ${server.latencyMs} ms, ${runtime.name}`;
  const ratio = times.sync.later / times.bare.later;
  const name = `an automatic sync with nothing to do over a bare round trip, ${where}`;
  return [
    { name: `requests of it, ${where}`, value: requests, unit: "", goal: "1", ok: requests === 1 },
    { name: `bytes of it, ${where}`, value: perSync("bytes"), unit: "" },
    { name, value: ratio, unit: "×", goal: "1.3", ok: ratio <= 1.3 },
    {
      name: "the same for the first of a process each",
      value: times.sync.first / times.bare.first,
      unit: "×",
    },
  ];
}

/** What is asked at pi's start before anything of settings sync is loaded. */
async function benchQuestion(machine: SettingsMachine, runtime: Runtime): Promise<BenchResult> {
  const { may } = await alternate({ may: () => inChild(runtime, machine, "may have") });
  const name = `to find out whether settings are synced, the first time, ${runtime.name}`;
  return { name, value: may.first, unit: "ms" };
}

/** 5,000 files, and a storage that takes no time. */
async function benchPlan(root: string, runtimes: readonly Runtime[]): Promise<BenchResult[]> {
  const settings = { endpoint: join(root, "store") };
  const machine = await settingsMachine({ root, name: "one", settings });
  await writeSettings(machine, 5000);
  await Bun.sleep(settleMs);
  await machine.run("push");
  const find = async (): Promise<number[]> => {
    const startedAt = performance.now();
    await run(["find", machine.agentDir, "-type", "f", "-printf", "%p %s %T@\\n"]);
    return [performance.now() - startedAt];
  };
  const results: BenchResult[] = [];
  for (const runtime of runtimes) {
    const child = (task: string) => () => inChild(runtime, machine, task);
    const times = await alternate({
      find,
      survey: child("survey"),
      anew: child("survey anew"),
      moved: child("plan of changes"),
    });
    const plan = (what: string, value: number, isGoal = true): BenchResult => ({
      name: `plan for 5,000 files, ${what}, ${runtime.name}`,
      value,
      unit: "ms",
      ...(isGoal && { goal: "200", ok: value <= 200 }),
    });
    results.push(
      plan("none changed", times.survey.later),
      plan("none changed, the first of a process", times.survey.first),
      plan("all of them read", times.anew.later, false),
      plan("all changed in the storage, without the scan", times.moved.later),
      {
        name: `plan for 5,000 files, none changed, over find, ${runtime.name}`,
        value: times.survey.later / times.find.first,
        unit: "×",
      },
    );
  }
  return results;
}

/** Milliseconds of a task in a process: the first time, and the median of the others. */
interface Times {
  first: number;
  later: number;
}

/** Runs processes in turns, so that whatever else the machine does meets all alike. */
async function alternate<Name extends string>(
  tasks: Readonly<Record<Name, () => Promise<number[]>>>,
): Promise<Record<Name, Times>> {
  const names = Object.keys(tasks) as Name[];
  const runs = new Map<Name, number[][]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of names) runs.get(name)?.push(await tasks[name]());
  }
  const summarise = (name: Name): Times => {
    const all = runs.get(name) ?? [];
    const later = all.flatMap((times) => (times.length > 1 ? times.slice(1) : times));
    return { first: median(all.map(([first = NaN]) => first)), later: median(later) };
  };
  return Object.fromEntries(names.map((name) => [name, summarise(name)])) as Record<Name, Times>;
}

/** Runs a task of `settings-child.ts` on a machine. */
async function inChild(
  { command }: Runtime,
  { env }: SettingsMachine,
  task: string,
  address = "",
): Promise<number[]> {
  const printed = await run([...command, task, String(roundsInChild), address], env);
  return JSON.parse(printed) as number[];
}
