import { expect, test } from "bun:test";
import { testApp } from "../../support/app.ts";

// What the embedded server does better than OpenSync did before, or decides where versions differ.

const user = { sessionExternalId: "s", externalId: "m", role: "user" };
const text = (content: string) => [{ type: "text", content }];

test("two sessions may hold messages of the same id", async () => {
  await using app = await testApp();
  await app.api.putMessage({ ...user, textContent: "one" });
  await app.api.putMessage({ ...user, sessionExternalId: "fork", textContent: "two" });
  const one = await app.api.read(await app.api.putSession({ externalId: "s" }));
  const two = await app.api.read(await app.api.putSession({ externalId: "fork" }));
  expect([one.messages[0].textContent, two.messages[0].textContent]).toEqual(["one", "two"]);
  expect(one.messages[0].id).not.toBe(two.messages[0].id);
});

test("a message can change as soon as it is stored", async () => {
  await using app = await testApp();
  await app.api.putMessage({ ...user, textContent: "" });
  await app.api.putMessage({ ...user, textContent: "grown" });
  const { messages } = await app.api.read("ses_1");
  expect(messages[0].textContent).toBe("grown");
});

test("parts that are left out stay, and so does a text that they repeat", async () => {
  await using app = await testApp();
  await app.api.putMessage({ ...user, textContent: "old", parts: text("old") });
  await app.api.putMessage({ ...user, model: "m" });
  const [kept] = (await app.api.read("ses_1")).messages;
  expect(kept).toMatchObject({ model: "m", textContent: "old", parts: text("old") });
  await app.api.putMessage({ ...user, parts: text("new") });
  const [replaced] = (await app.api.read("ses_1")).messages;
  expect(replaced).toMatchObject({ textContent: "old", parts: text("new") });
  await app.api.putMessage({ ...user, parts: [] });
  const [cleared] = (await app.api.read("ses_1")).messages;
  expect(cleared).toMatchObject({ textContent: "old", parts: [] });
});

test("the same message again changes nothing", async () => {
  await using app = await testApp();
  const message = { ...user, textContent: "x", parts: text("x"), promptTokens: 1 };
  await app.api.putMessage(message);
  const before = await app.api.read("ses_1");
  app.advance(60_000);
  await app.api.putMessage(message);
  const { body } = await app.api.post("/sync/batch", { messages: [message] });
  expect(body).toEqual({ ok: true, sessions: 0, messages: 0, errors: [] });
  expect(await app.api.read("ses_1")).toEqual(before);
});

test("a session moves up when its text changes, not when a message's numbers do", async () => {
  await using app = await testApp();
  await app.api.putMessage({ ...user, parts: text("x") });
  const updatedAt = async () => (await app.api.read("ses_1")).session.updatedAt;
  const first = await updatedAt();
  app.advance(1000);
  await app.api.putMessage({ ...user, promptTokens: 5 });
  expect(await updatedAt()).toBe(first);
  await app.api.putMessage({ ...user, parts: text("y") });
  expect(await updatedAt()).toBe(first + 1000);
});

test("a session that comes again without a change moves up after ten seconds only", async () => {
  await using app = await testApp();
  const session = { externalId: "s", title: "T", promptTokens: 5 };
  const id = await app.api.putSession(session);
  const updatedAt = async () => (await app.api.read(id)).session.updatedAt;
  const first = await updatedAt();
  app.advance(9999);
  await app.api.putSession({ ...session, promptTokens: 0 });
  expect(await updatedAt()).toBe(first);
  app.advance(1);
  await app.api.putSession(session);
  expect(await updatedAt()).toBe(first + 10_000);
});

test("any field of a session counts as a change", async () => {
  for (const change of [{ cost: 1 }, { provider: "p" }, { projectName: "n" }, { durationMs: 1 }]) {
    await using app = await testApp();
    const id = await app.api.putSession({ externalId: "s", title: "T" });
    app.advance(5);
    await app.api.putSession({ externalId: "s", title: "T", ...change });
    expect((await app.api.read(id)).session).toMatchObject(change);
  }
});

test("a session's source is stored, under OpenSync's names", async () => {
  await using app = await testApp();
  await app.api.putSession({ externalId: "a", source: "pi" });
  await app.api.putSession({ externalId: "b" });
  await app.api.putSession({ externalId: "c", source: "cursor" });
  await app.api.putSession({ externalId: "c", source: "cursor" });
  await app.api.putMessage({ ...user, sessionExternalId: "d", source: "pi" });
  const rows = app.query("SELECT source FROM sessions ORDER BY id");
  expect(rows.map((row) => row.source)).toEqual(["pi", "opencode", "cursor", "pi"]);
});

test("a batch takes the last of messages with the same id, and a session only once", async () => {
  await using app = await testApp();
  const messages = [
    { ...user, textContent: "first" },
    { ...user, externalId: "other" },
    { ...user, textContent: "last" },
  ];
  const sessions = [{ externalId: "s" }, { externalId: "s", title: "T" }];
  const { body } = await app.api.post("/sync/batch", { sessions, messages });
  expect(body).toEqual({ ok: true, sessions: 2, messages: 2, errors: [] });
  const { session, messages: stored } = await app.api.read("ses_1");
  expect(session).toMatchObject({ title: "T", messageCount: 2 });
  expect(stored[0].textContent).toBe("last");
  expect((await app.api.get("/sync/sessions/list")).body.sessionIds).toEqual(["s"]);
});

test("a batch replaces the parts of messages that are stored", async () => {
  await using app = await testApp();
  await app.api.putMessage({ ...user, parts: text("old") });
  await app.api.post("/sync/batch", { messages: [{ ...user, parts: text("new") }] });
  expect((await app.api.read("ses_1")).messages[0].parts).toEqual(text("new"));
});

test("a batch is checked fifty at a time", async () => {
  await using app = await testApp();
  const messages = Array.from({ length: 120 }, (_, i) => ({ ...user, externalId: `${i}` }));
  const wrong = messages.with(60, { ...user, externalId: "60", role: "robot" });
  const { body } = await app.api.post("/sync/batch", { messages: wrong });
  expect([body.messages, body.errors.length]).toEqual([70, 1]);
});

test("a message that is too large does not harm the others of a batch", async () => {
  await using app = await testApp();
  const messages = [
    { ...user, externalId: "large", parts: text("x".repeat(2 ** 20)) },
    { ...user, externalId: "small" },
  ];
  const { body } = await app.api.post("/sync/batch", { messages });
  expect(body.messages).toBe(1);
  expect(body.errors).toEqual([expect.stringMatching(/^large: .*too large/)]);
  const { session, messages: stored } = await app.api.read("ses_1");
  expect([session.messageCount, stored.length]).toEqual([1, 1]);
});

test("texts of any length keep emoji whole", async () => {
  await using app = await testApp();
  for (const start of ["", "x"]) {
    const long = start + "\u{1F600}".repeat(10_000);
    await app.api.putMessage({ ...user, textContent: long, parts: text(long) });
    expect((await app.api.read("ses_1")).messages[0].textContent).toBe(long);
  }
});

test("a body of more than 20 MiB is refused", async () => {
  await using app = await testApp();
  const { status } = await app.api.post("/sync/message", "x".repeat(20 * 2 ** 20 + 1));
  expect(status).toBe(413);
});

test("trouble with the disk is said in words that mean: try again", async () => {
  await using app = await testApp();
  app.query("PRAGMA query_only = ON");
  const { status, body } = await app.api.post("/sync/session", { externalId: "s" });
  expect(status).toBe(500);
  expect(body.error).toContain("couldn't be completed. Try again later");
  expect(body.error).not.toContain("INSERT");
  app.query("PRAGMA query_only = OFF");
});

test("an error quotes what was sent only in part", async () => {
  await using app = await testApp();
  const long = { ...user, textContent: "x".repeat(100_000), parts: 5 };
  const { body } = await app.api.post("/sync/message", { ...long, role: undefined });
  expect(body.error.length).toBeLessThan(2000);
});
