import { expect, test } from "bun:test";
import { testApp } from "../../support/app.ts";

const say = (sessionExternalId: string, externalId: string, content: string) => ({
  sessionExternalId,
  externalId,
  role: "user",
  parts: [{ type: "text", content }],
});

test("an id that was never given is not found", async () => {
  await using app = await testApp();
  for (const path of ["/api/sessions/get", "/api/export"]) {
    const { status, body } = await app.api.get(path, { id: "ses_7" });
    expect([status, body]).toEqual([404, { error: "Session not found" }]);
    for (const id of ["ses_0", "ses_1x", "ses_-1", "1", "msg_1", "ses_99999999999999999999"]) {
      const malformed = await app.api.get(path, { id });
      expect([id, malformed.status]).toEqual([id, 500]);
      expect(malformed.body.error).toContain("ArgumentValidationError");
    }
  }
});

test("more than 8,192 sessions can be listed", async () => {
  await using app = await testApp();
  const sessions = Array.from({ length: 9000 }, (_, i) => ({ externalId: `s${i}` }));
  await app.api.post("/sync/batch", { sessions });
  const list = await app.api.get("/sync/sessions/list");
  expect(new Set(list.body.sessionIds).size).toBe(9000);
  const all = await app.api.get("/api/sessions", { limit: "100000" });
  expect(all.body.sessions).toHaveLength(9000);
});

test("a session of more than 8,192 messages can be opened and exported", async () => {
  await using app = await testApp();
  const messages = Array.from({ length: 9000 }, (_, i) => say("s", `${i}`, `text ${i}`));
  await app.api.post("/sync/batch", { messages });
  const { session, messages: stored } = await app.api.read("ses_1");
  expect([session.messageCount, stored.length]).toEqual([9000, 9000]);
  expect(stored.map((message) => message.externalId)).toEqual(messages.map((m) => m.externalId));
  const { body } = await app.api.get("/api/export", { id: "ses_1", format: "markdown" });
  expect(body).toContain("text 8999");
});

test("statistics take models of any name", async () => {
  await using app = await testApp();
  for (const model of ["$odd", "模型", "__proto__", "", "plain"]) {
    await app.api.putSession({ externalId: `of ${model}`, model, promptTokens: 1 });
  }
  await app.api.putSession({ externalId: "none", promptTokens: 1 });
  const { body } = await app.api.get("/api/stats");
  const usage = new Map(Object.entries(body.modelUsage));
  expect([...usage.keys()].sort()).toEqual(["$odd", "__proto__", "plain", "unknown", "模型"]);
  expect(usage.get("unknown")).toEqual({ tokens: 2, cost: 0, sessions: 2 });
  expect(body).toMatchObject({ sessionCount: 6, totalTokens: 6, messageCount: 0 });
});

test("statistics of nothing are zeros", async () => {
  await using app = await testApp();
  expect((await app.api.get("/api/stats")).body).toEqual({
    sessionCount: 0,
    messageCount: 0,
    totalTokens: 0,
    totalCost: 0,
    totalDurationMs: 0,
    modelUsage: {},
  });
});

test("a new title does not hide the messages from search", async () => {
  await using app = await testApp();
  await app.api.putMessage(say("s", "m", "needle"));
  await app.api.putSession({ externalId: "s", title: "Renamed" });
  await app.api.post("/sync/batch", { sessions: [{ externalId: "s", title: "Again" }] });
  for (const q of ["needle", "again"]) {
    expect((await app.api.get("/api/search", { q })).body.results).toHaveLength(1);
  }
  expect((await app.api.get("/api/search", { q: "renamed" })).body.results).toEqual([]);
});

test("what stands after the first 10,000 characters of a session is found", async () => {
  await using app = await testApp();
  await app.api.putMessage(say("s", "a", "x ".repeat(6000)));
  await app.api.putMessage(say("s", "b", "needle"));
  expect((await app.api.get("/api/search", { q: "needle" })).body.results).toHaveLength(1);
});

test("search by meaning is not to be had", async () => {
  await using app = await testApp();
  for (const type of ["semantic", "hybrid"]) {
    const { status, body } = await app.api.get("/api/search", { q: "x", type });
    expect([status, body.error]).toEqual([500, "Error: OPENAI_API_KEY not set"]);
  }
});

test("context is the ends of the conversations that hold the words", async () => {
  await using app = await testApp();
  await app.api.putSession({ externalId: "s", title: "Parser", model: "m", projectPath: "/p" });
  for (let i = 0; i < 12; i++) await app.api.putMessage(say("s", `${i}`, `line ${i}.`));
  await app.api.putMessage(say("other", "x", "nothing"));
  const { body } = await app.api.get("/api/context", { q: "parser" });
  expect(body.sessionCount).toBe(1);
  expect(body.text).toStartWith(
    'Relevant coding sessions for: "parser"\n\n--- Session: Parser ---\n',
  );
  expect(body.text).toContain("Project: /p\nModel: m\n\n[USER]\nline 2.\n\n");
  expect(body.text).not.toContain("line 1.");
  const { body: chat } = await app.api.get("/api/context", { q: "parser", format: "messages" });
  expect(chat.messages).toHaveLength(10);
  expect(chat.messages[9]).toEqual({
    role: "user",
    content: "line 11.",
    metadata: { sessionId: "ses_1", sessionTitle: "Parser" },
  });
});

test("there are no sessions for evals", async () => {
  await using app = await testApp();
  await app.api.putSession({ externalId: "s" });
  for (const format of ["", "deepeval", "openai", "promptfoo", "filesystem"]) {
    const { status, body } = await app.api.get("/api/export/evals", { format });
    expect([status, body]).toEqual([404, { error: "No eval-ready sessions found" }]);
  }
});

test("the name of an exported file is short and plain", async () => {
  await using app = await testApp();
  const names: string[] = [];
  for (const title of ['x"\r\nSet-Cookie: a=b', "../../etc/passwd", "é".repeat(500), ""]) {
    const id = await app.api.putSession({ externalId: `of ${title}`, title });
    const { headers } = await app.api.get("/api/export", { id, format: "markdown" });
    names.push(headers.get("content-disposition")!);
    expect(headers.get("access-control-allow-origin")).toBeNull();
  }
  expect(names).toEqual([
    'attachment; filename="x---Set-Cookie--a-b.md"',
    'attachment; filename="------etc-passwd.md"',
    `attachment; filename="${"-".repeat(100)}.md"`,
    'attachment; filename="session.md"',
  ]);
});

test("no answer of the API can be taken for a page", async () => {
  await using app = await testApp();
  const id = await app.api.putSession({ externalId: "s", title: "<script>" });
  const answers = [
    await app.api.get("/health"),
    await app.api.get("/api/sessions"),
    await app.api.get("/api/export", { id, format: "markdown" }),
    await app.api.get("/sync/session"),
    await app.api.get("/nowhere"),
  ];
  for (const { headers } of answers) {
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-type")).toMatch(/^(application\/json|text\/(markdown|plain))/);
  }
  expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 404, 404]);
});
