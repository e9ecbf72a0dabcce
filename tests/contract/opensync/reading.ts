import { expect, test } from "bun:test";
import { type Api, past, uniqueId, uniqueWord } from "./client.ts";

/** Contract, sections 7 and 8. */
export function testReading(api: () => Api): void {
  const found = async (q: string, limit = "20"): Promise<string[]> => {
    const { status, body } = await api().get("/api/search", { q, limit });
    expect(status).toBe(200);
    return body.results.map((result: { id: string }) => result.id);
  };

  test("all sessions are listed by the ids that clients gave them", async () => {
    const externalIds = [uniqueId(), uniqueId()];
    for (const externalId of externalIds) await api().putSession({ externalId });
    const { body } = await api().get("/sync/sessions/list");
    expect(body.sessionIds).toEqual(expect.arrayContaining(externalIds));
  });

  test("sessions come latest first, up to a limit", async () => {
    const titles = [uniqueWord(), uniqueWord(), uniqueWord()];
    for (const title of titles) {
      await api().putSession({ externalId: uniqueId(), title });
      await Bun.sleep(2);
    }
    const { body } = await api().get("/api/sessions", { limit: "2" });
    const listed = body.sessions.map((session: { title: string }) => session.title);
    expect(listed).toEqual([titles[2], titles[1]]);
    expect(body.sessions[0]).not.toHaveProperty("source");
    expect((await api().get("/api/sessions", { limit: "0" })).body.sessions).toEqual([]);
  });

  test("a limit that is no number or negative is an error", async () => {
    expect((await api().get("/api/sessions", { limit: "-1" })).status).toBe(500);
    expect((await api().get("/api/sessions", { limit: "many" })).status).toBe(500);
  });

  test("a session is read by the server's id only", async () => {
    const externalId = uniqueId();
    await api().putSession({ externalId });
    const missing = await api().get("/api/sessions/get");
    expect([missing.status, missing.body]).toEqual([400, { error: "Missing session ID" }]);
    expect((await api().get("/api/sessions/get", { id: externalId })).status).toBe(500);
  });

  test("a session is found by its title", async () => {
    const word = uniqueWord();
    const id = await api().putSession({ externalId: uniqueId(), title: `About ${word} here` });
    expect(await found(word)).toEqual([id]);
    expect(await found(word.toUpperCase())).toEqual([id]);
    expect(await found(uniqueWord())).toEqual([]);
  });

  test("a session is found by its messages' text parts", async () => {
    const word = uniqueWord();
    const sessionExternalId = uniqueId();
    const id = await api().putSession({ externalId: sessionExternalId });
    const parts = [{ type: "text", content: `Some ${word} text` }];
    const message = { sessionExternalId, externalId: uniqueId("m"), role: "user" };
    await api().putMessage({ ...message, createdAt: past, parts });
    expect(await found(word)).toEqual([id]);
    expect(await found(word, "0")).toEqual([]);
  });

  test("a search result names the session", async () => {
    const title = uniqueWord();
    const externalId = uniqueId();
    const fields = { title, model: "m", projectPath: "/p", cost: 2, createdAt: past };
    const id = await api().putSession({ externalId, ...fields, promptTokens: 3 });
    const { body } = await api().get("/api/search", { q: title });
    expect(body.results).toEqual([{ id, externalId, ...fields, totalTokens: 3, messageCount: 0 }]);
  });

  test("a search without words is a bad request", async () => {
    for (const path of ["/api/search", "/api/context"]) {
      const { status, body } = await api().get(path);
      expect([status, body]).toEqual([400, { error: "Missing query parameter 'q'" }]);
    }
  });

  test("statistics add up sessions and models", async () => {
    const model = uniqueWord();
    const before = (await api().get("/api/stats")).body;
    const session = { model, promptTokens: 7, completionTokens: 3, cost: 0.25, durationMs: 40 };
    await api().putSession({ externalId: uniqueId(), ...session });
    await api().putSession({ externalId: uniqueId(), ...session });
    const after = (await api().get("/api/stats")).body;
    expect(after.modelUsage[model]).toEqual({ tokens: 20, cost: 0.5, sessions: 2 });
    expect(after.sessionCount - before.sessionCount).toBe(2);
    expect(after.totalTokens - before.totalTokens).toBe(20);
    expect(after.totalDurationMs - before.totalDurationMs).toBe(80);
  });
}
