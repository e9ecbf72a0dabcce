import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import type {
  Facets,
  Overview,
  SearchPage,
  SessionDetail,
  SessionPage,
  SessionSummary,
} from "../../../../lib/dashboard/api.ts";
import { createApp } from "../../../../lib/server/app.ts";
import { openDatabase } from "../../../../lib/server/database.ts";
import { createMessages } from "../../../../lib/server/messages.ts";
import { createSearchIndex } from "../../../../lib/server/search-index.ts";
import { createSessions } from "../../../../lib/server/sessions.ts";
import { tempDir, type TempDir } from "../../../support/temp.ts";

/** 5,000 sessions of three messages: a prompt, a call, its result. */
const count = 5000;
const hourMs = 3_600_000;
const start = new Date(2026, 0, 1, 12).getTime();
let dir: TempDir;
let get: <T>(path: string) => Promise<T>;
let close: () => void;
let all: SessionSummary[];

beforeAll(async () => {
  dir = await tempDir();
  const database = openDatabase(join(dir.path, "test.db"));
  database.transaction(() => fill(database))();
  const clock = { now: () => start, random: () => 0, sleep: () => Promise.resolve() };
  const app = createApp({ database, apiKey: "osk_test", clock });
  const ask = (path: string, init: RequestInit) =>
    app.fetch(new Request(`http://localhost/dashboard/api/${path}`, init));
  const body = JSON.stringify({ link: app.createLoginLink() });
  const { token } = (await (await ask("login", { method: "POST", body })).json()) as {
    token: string;
  };
  get = async (path) => {
    const answer = await ask(path, { headers: { authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(200);
    return answer.json() as never;
  };
  close = () => database.close();
  all = [];
  while (all.length < count) {
    all.push(...(await get<SessionPage>(`sessions?limit=500&offset=${all.length}`)).sessions);
  }
});

afterAll(async () => {
  close();
  await dir[Symbol.asyncDispose]();
});

function fill(database: ReturnType<typeof openDatabase>): void {
  const index = createSearchIndex(database);
  const sessions = createSessions(database);
  const messages = createMessages(database, sessions, index);
  for (let n = 0; n < count; n++) {
    const externalId = n % 2 === 0 ? `pi:${hex(n)}-0000-7000-8000-000000000000` : `other-${n}`;
    const isFork = n % 10 === 4 || n % 20 === 16;
    const prefix = `${n % 10 === 6 ? "[Subagent] " : ""}${isFork ? `[Fork::${hex(n - 2)}] ` : ""}`;
    const name = n % 50 === 0 ? "Needle" : "session";
    // The order of arrival is not that of time.
    const createdAt = start + ((n * 7) % count) * hourMs;
    sessions.upsert(
      {
        externalId,
        title: n % 50 === 7 ? "" : `${prefix}${name} ${n}`,
        projectPath: `/p/${n % 7}`,
        projectName: String(n % 7),
        model: ["alpha", "beta", ""][n % 3]!,
        source: n % 2 === 0 ? "pi" : "claude-code",
        promptTokens: n,
        completionTokens: 1,
        cost: n / 100,
        createdAt,
      },
      start,
    );
    const says = (id: string, role: "user" | "assistant", type: string, content: unknown) =>
      messages.upsert(
        {
          sessionExternalId: externalId,
          externalId: id,
          role,
          createdAt: createdAt + Number(id) * 1000,
          parts: [{ type, content }],
        },
        start,
      );
    says("0", "user", "text", `everywhere prompt ${n} ${n % 100 === 0 ? "rare" : "usual"}`);
    says("1", "assistant", "tool-call", { name: n % 3 === 0 ? "bash" : "read", args: {} });
    says(
      "2",
      "assistant",
      "text",
      `red the house everywhere${n % 4 === 0 ? " configuration" : ""}`,
    );
  }
}

const hex = (n: number): string => (n + 0x10000000).toString(16);
const ids = (page: SessionPage): string[] => page.sessions.map(({ id }) => id);

test("all sessions are listed once, the newest first", () => {
  expect(new Set(all.map(({ id }) => id)).size).toBe(count);
  expect(all.every((s, i) => i === 0 || s.lastMessageAt <= all[i - 1]!.lastMessageAt)).toBe(true);
  expect(all[0]!.lastMessageAt).toBe(start + (count - 1) * hourMs + 2000);
});

test("a list is sorted by any field, both ways", async () => {
  const fields = {
    time: (s: SessionSummary) => -s.lastMessageAt,
    title: (s: SessionSummary) => s.title.replace(/^(\[.*?\] )*/, "").toLowerCase(),
    project: (s: SessionSummary) => s.projectPath,
    model: (s: SessionSummary) => s.model,
    messages: (s: SessionSummary) => -s.messages,
    tokens: (s: SessionSummary) => -s.promptTokens - s.completionTokens,
    cost: (s: SessionSummary) => -s.cost,
  };
  const number = (s: SessionSummary) => Number(s.id.slice(4));
  for (const [sort, key] of Object.entries(fields)) {
    const compare = (a: SessionSummary, b: SessionSummary) =>
      key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : number(b) - number(a);
    const sorted = all.toSorted(compare).map(({ id }) => id);
    const page = await get<SessionPage>(`sessions?sort=${sort}&limit=300&offset=10`);
    expect(ids(page)).toEqual(sorted.slice(10, 310));
    const reversed = await get<SessionPage>(`sessions?sort=${sort}&isReversed=true&limit=300`);
    expect(ids(reversed)).toEqual(sorted.toReversed().slice(0, 300));
  }
});

test("filters go together, and the total counts what fits", async () => {
  const from = start + 1000 * hourMs;
  const to = start + 2000 * hourMs;
  const filters: [string, (s: SessionSummary) => boolean][] = [
    [`project=${encodeURIComponent("/p/3")}`, (s) => s.projectPath === "/p/3"],
    ["model=alpha", (s) => s.model === "alpha"],
    ["model=", (s) => s.model === ""],
    ["source=pi", (s) => s.source === "pi"],
    [`from=${from}&to=${to}`, (s) => s.lastMessageAt >= from && s.createdAt < to],
  ];
  for (const chosen of [...filters.map((one) => [one]), [filters[0]!, filters[3]!, filters[4]!]]) {
    const query = chosen.map(([text]) => text).join("&");
    const expected = all.filter((session) => chosen.every(([, fits]) => fits(session)));
    const page = await get<SessionPage>(`sessions?${query}&limit=30`);
    expect(page.total).toBe(expected.length);
    expect(ids(page)).toEqual(expected.slice(0, 30).map(({ id }) => id));
  }
});

test("facets count sessions, the most used first", async () => {
  const { projects, models, sources } = await get<Facets>("facets");
  expect(projects).toHaveLength(7);
  expect(projects[0]).toEqual({ value: "/p/0", sessions: 715 });
  expect(models.map(({ value }) => value)).toEqual(["alpha", "beta", ""]);
  expect(sources).toEqual([
    { value: "claude-code", sessions: 2500 },
    { value: "pi", sessions: 2500 },
  ]);
});

test("a fork and its parent lead to each other", async () => {
  const fork = all.find((session) => session.title === `[Fork::${hex(2)}] session 4`)!;
  const parent = all.find((session) => session.title === "session 2")!;
  expect(fork.parent).toEqual({ id: parent.id, title: parent.title });
  const { forks } = await get<SessionDetail>(`sessions/${parent.id}`);
  expect(forks).toEqual([{ id: fork.id, title: fork.title }]);
  expect(all.find((s) => s.title === "[Subagent] session 6")?.isSubagent).toBe(true);
});

test("a search finds messages with all words, of the newest sessions first", async () => {
  const { hits, isCut } = await get<SearchPage>("search?q=rare%20everywhere");
  expect(isCut).toBe(false);
  expect(hits).toHaveLength(50);
  const times = hits.map((hit) => hit.session.lastMessageAt);
  expect(times).toEqual(times.toSorted((a, b) => b - a));
  for (const { excerpt, ranges, message } of hits) {
    expect(message).toMatchObject({ index: 0, role: "user" });
    expect(ranges.map(([a, b]) => excerpt.slice(a, b))).toEqual(["everywhere", "rare"]);
  }
});

test("what stands in titles comes first, and leaves room for messages", async () => {
  const { hits, isCut } = await get<SearchPage>("search?q=needle");
  expect(hits).toHaveLength(50);
  expect(hits.every((hit) => !hit.message && hit.excerpt.startsWith("Needle"))).toBe(true);
  expect(isCut).toBe(true);
  const mixed = (await get<SearchPage>("search?q=session%204&limit=20")).hits;
  expect(mixed.filter((hit) => !hit.message).length).toBeGreaterThan(0);
});

test("what stands everywhere is found in the newest sessions, and there is more", async () => {
  for (const filter of ["", "&source=pi", "&model=alpha"]) {
    const page = await get<SearchPage>(`search?q=everywhere&limit=20${filter}`);
    expect([page.hits.length, page.isCut]).toEqual([20, true]);
    const newest = all.find(
      (s) =>
        (filter !== "&source=pi" || s.source === "pi") &&
        (filter !== "&model=alpha" || s.model === "alpha"),
    );
    expect(page.hits[0]!.session.id).toBe(newest!.id);
    expect(page.hits.map((hit) => hit.message!.index).slice(0, 2)).toEqual([2, 0]);
  }
});

test("the last word may be a beginning, unless it is quoted", async () => {
  const { hits } = await get<SearchPage>("search?q=house%20configur");
  expect(hits[0]!.ranges.map(([a, b]) => hits[0]!.excerpt.slice(a, b))).toEqual([
    "house",
    "configuration",
  ]);
  expect((await get<SearchPage>('search?q="configur"')).hits).toEqual([]);
});

test("words in quotes follow each other", async () => {
  expect((await get<SearchPage>('search?q="the house"&limit=5')).hits).toHaveLength(5);
  expect((await get<SearchPage>('search?q="red house"')).hits).toEqual([]);
  expect((await get<SearchPage>("search?q=red%20house&limit=5")).hits).toHaveLength(5);
});

test("no search is an error", async () => {
  for (const q of ["", " ", '"', '""', "*", "a AND", "NEAR(", "\0", "'", "title:x", "-", "🚀"]) {
    await get<SearchPage>(`search?q=${encodeURIComponent(q)}`);
  }
});

test("the overview adds all up, by day without gaps", async () => {
  const { totals, days, models, projects, tools, mostExpensive } = await get<Overview>("overview");
  expect(totals).toMatchObject({ sessions: count, messages: 3 * count });
  expect(totals.promptTokens).toBe((count * (count - 1)) / 2);
  expect(days[0]!.day).toBe("2026-01-01");
  expect(days.reduce((sum, day) => sum + day.sessions, 0)).toBe(count);
  expect(days).toHaveLength(new Set(days.map(({ day }) => day)).size);
  expect(days.slice(1, -1).every(({ sessions }) => sessions >= 23 && sessions <= 25)).toBe(true);
  expect(models.map(({ model }) => model).toSorted()).toEqual(["alpha", "beta", "unknown"]);
  expect(projects).toHaveLength(7);
  expect(tools).toEqual([
    { name: "read", calls: 3333 },
    { name: "bash", calls: 1667 },
  ]);
  expect(mostExpensive.map(({ cost }) => cost).slice(0, 2)).toEqual([49.99, 49.98]);
});

test("an overview of a time span counts what began in it", async () => {
  const [from, to] = [start + 100 * hourMs, start + 200 * hourMs];
  const { totals, days, tools } = await get<Overview>(`overview?from=${from}&to=${to}`);
  expect(totals.sessions).toBe(100);
  expect(days).toHaveLength(5);
  expect(tools.reduce((sum, tool) => sum + tool.calls, 0)).toBe(100);
});
