import { existsSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Login } from "../../lib/dashboard/api.ts";
import { median } from "./bench.ts";
import type { BenchResult } from "./bench.ts";

const rounds = 7;
const mb = 1e6;

/**
 * How fast the server answers the dashboard over 50,000 sessions and 2 million messages (`DASHBOARD`
 * as `5000/200000` chooses others), and its memory behind that. The database takes minutes to make
 * and 2.5 GB, and is kept in the temporary folder.
 */
export async function benchDashboard(): Promise<BenchResult[]> {
  const [sessions = "50000", messages = "2000000"] = process.env["DASHBOARD"]?.split("/") ?? [];
  await using server = await serve(await fill(sessions, messages));
  const results: BenchResult[] = [];
  for (const { name, goalMs, paths } of requests) {
    const times: number[] = [];
    for (const path of paths) times.push(await time(() => server.get(path)));
    const value = Math.max(...times);
    results.push({ name, value, unit: "ms", goal: `${goalMs} ms`, ok: value < goalMs });
  }
  const memory = (await server.memory()) / mb;
  const name = "memory of the server behind all that";
  return [...results, { name, value: memory, unit: "MB", goal: "300 MB", ok: memory < 300 }];
}

const week = `from=${Date.UTC(2026, 10, 1)}&to=${Date.UTC(2026, 10, 8)}`;
const project = `project=${encodeURIComponent("/home/someone/projects/project-0")}`;

/** The slowest of the paths counts. */
const requests = [
  { name: "list the newest", goalMs: 50, paths: ["sessions", "sessions?offset=49000"] },
  {
    name: "sort by any field",
    goalMs: 50,
    paths: ["title", "project", "model", "messages", "tokens", "cost"].map(
      (field) => `sessions?sort=${field}`,
    ),
  },
  {
    name: "filter",
    goalMs: 50,
    paths: [
      `sessions?${project}`,
      "sessions?model=model-0",
      "sessions?source=pi",
      `sessions?${week}`,
    ],
  },
  { name: "what can be filtered by", goalMs: 50, paths: ["facets"] },
  { name: "search a rare word", goalMs: 100, paths: ["search?q=scarce"] },
  { name: "search a common word", goalMs: 100, paths: ["search?q=common", "search?q=middling"] },
  {
    name: "search the beginning of a rare and of a common word",
    goalMs: 100,
    paths: ["search?q=scarc", "search?q=vert", "search?q=middl"],
  },
  {
    name: "search two words",
    goalMs: 100,
    paths: ["search?q=common%20middling", "search?q=common%20scarce", "search?q=common%20vert"],
  },
  { name: "search a phrase", goalMs: 100, paths: ['search?q="common%20middling"'] },
  {
    name: "search a common word under a filter",
    goalMs: 100,
    paths: [`search?q=common&${project}`, `search?q=common&${week}`, "search?q=common&source=pi"],
  },
  { name: "open 10,000 messages", goalMs: 50, paths: ["sessions/ses_1"] },
  {
    name: "read messages of it",
    goalMs: 50,
    paths: ["sessions/ses_1/messages", "sessions/ses_1/messages?from=9900"],
  },
  { name: "overview", goalMs: 300, paths: ["overview", `overview?${week}`] },
];

/** The folder of a database with so many sessions and messages, made at first use. */
export async function fill(sessions: string, messages: string): Promise<string> {
  const dir = join(tmpdir(), `pi-opensync-dashboard-${sessions}-${messages}`);
  if (existsSync(join(dir, "opensync.db"))) return dir;
  mkdirSync(dir, { recursive: true });
  const program = join(import.meta.dirname, "dashboard-data.ts");
  const child = Bun.spawn([process.execPath, program, dir, sessions, messages]);
  if ((await child.exited) !== 0) throw new Error("The database could not be made");
  return dir;
}

/** The median, with the first time left out. */
async function time(run: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const startedAt = performance.now();
    await run();
    if (round > 0) times.push(performance.now() - startedAt);
  }
  return median(times);
}

/** A server of its own process, and a person who is logged in. */
async function serve(dir: string) {
  const program = join(import.meta.dirname, "dashboard-server.ts");
  const child = Bun.spawn([process.execPath, program, dir], { stdin: "pipe", stdout: "pipe" });
  const reader = child.stdout.getReader();
  const readLine = async () => new TextDecoder().decode((await reader.read()).value).trim();
  const { url, link } = JSON.parse(await readLine()) as { url: string; link: string };
  const logIn = { method: "POST", body: JSON.stringify({ link }) };
  const answer = await fetch(`${url}/dashboard/api/login`, logIn);
  const { token } = (await answer.json()) as Login;
  return {
    async get(path: string): Promise<void> {
      const headers = { Authorization: `Bearer ${token}` };
      const response = await fetch(`${url}/dashboard/api/${path}`, { headers });
      if (!response.ok) throw new Error(`${path}: ${response.status}`);
      await response.arrayBuffer();
    },
    async memory(): Promise<number> {
      await child.stdin.write("memory\n");
      await child.stdin.flush();
      return Number(await readLine());
    },
    async [Symbol.asyncDispose]() {
      await child.stdin.end();
      await child.exited;
    },
  };
}
