import { expect, test } from "bun:test";
import { type Api, past, uniqueId } from "./client.ts";

const full = {
  title: "A title",
  projectPath: "/home/me/project",
  projectName: "project",
  model: "claude-opus-4-5",
  provider: "anthropic",
  source: "pi",
  promptTokens: 100,
  completionTokens: 20,
  cost: 0.5,
  durationMs: 1500,
  createdAt: past,
};

/** Contract, section 4. */
export function testSessions(api: () => Api): void {
  const update = async (changes: object) => {
    const externalId = uniqueId();
    await api().putSession({ externalId, ...full });
    const id = await api().putSession({ externalId, ...changes });
    return (await api().read(id)).session;
  };

  test("a new session is stored with all its fields", async () => {
    const externalId = uniqueId();
    const before = Date.now();
    const id = await api().putSession({ externalId, ...full });
    const { session, messages } = await api().read(id);
    const { source: _, ...shown } = full;
    const { updatedAt, ...rest } = session;
    expect(rest).toEqual({
      id,
      externalId,
      ...shown,
      totalTokens: 120,
      isPublic: false,
      messageCount: 0,
    });
    expect(updatedAt).toBeGreaterThan(before - 600_000);
    expect(messages).toEqual([]);
  });

  test("what is not sent has a default or is left out", async () => {
    const externalId = uniqueId();
    const id = await api().putSession({ externalId });
    const { createdAt, updatedAt, ...rest } = (await api().read(id)).session;
    expect(rest).toEqual({
      id,
      externalId,
      promptTokens: 0,
      completionTokens: 0,
      totalTokens: 0,
      cost: 0,
      isPublic: false,
      messageCount: 0,
    });
    expect(Math.abs(createdAt - updatedAt)).toBeLessThan(1000);
  });

  test("sessionId is another name for externalId", async () => {
    const sessionId = uniqueId();
    const id = await api().putSession({ sessionId });
    expect((await api().read(id)).session.externalId).toBe(sessionId);
  });

  test("a session without an id is a bad request", async () => {
    for (const body of [{}, { externalId: "" }, { externalId: null }, [], "5"]) {
      const answer = await api().post("/sync/session", body);
      expect([answer.status, answer.body]).toEqual([
        400,
        { error: "Missing externalId or sessionId" },
      ]);
    }
  });

  test("null and values of the wrong type are refused", async () => {
    const strings = ["title", "projectPath", "projectName", "model", "provider", "source"];
    const numbers = ["promptTokens", "completionTokens", "cost", "durationMs", "createdAt"];
    const wrong = [
      ...strings.flatMap((field) => [{ [field]: null }, { [field]: 1 }]),
      ...numbers.flatMap((field) => [{ [field]: null }, { [field]: "1" }]),
      { externalId: 5 },
    ];
    for (const fields of wrong) {
      const answer = await api().post("/sync/session", { externalId: uniqueId(), ...fields });
      expect([fields, answer.status]).toEqual([fields, 500]);
      expect(answer.body.error).toContain("ArgumentValidationError");
    }
  });

  test("unknown fields are ignored", async () => {
    const extra = { totalTokens: 9, messageCount: 9, isPublic: true, summary: "x" };
    const id = await api().putSession({ externalId: uniqueId(), ...extra });
    const { session } = await api().read(id);
    expect(session).toMatchObject({ totalTokens: 0, messageCount: 0, isPublic: false });
    expect(session).not.toHaveProperty("summary");
  });

  test("the same id is the same session", async () => {
    const externalId = uniqueId();
    const first = await api().putSession({ externalId });
    expect(await api().putSession({ externalId, title: "Later" })).toBe(first);
  });

  test("an update changes what it brings and keeps the rest", async () => {
    const session = await update({ title: "Another", promptTokens: 50, cost: 0 });
    expect(session).toMatchObject({
      title: "Another",
      projectPath: full.projectPath,
      promptTokens: 50,
      completionTokens: 20,
      totalTokens: 70,
      cost: 0,
      durationMs: 1500,
    });
  });

  test("tokens of 0 or less mean that they were not sent", async () => {
    const session = await update({ title: "x", promptTokens: 0, completionTokens: -5 });
    expect(session).toMatchObject({ promptTokens: 100, completionTokens: 20, totalTokens: 120 });
  });

  test("the time of creation cannot be changed", async () => {
    expect((await update({ title: "x", createdAt: past + 1 })).createdAt).toBe(past);
  });

  test("an empty title replaces a title", async () => {
    expect((await update({ title: "" })).title).toBe("");
  });

  test("an update without a title is taken at once, whatever else it changes", async () => {
    const session = await update({ cost: 7, durationMs: 8, provider: "openai" });
    expect(session).toMatchObject({ title: "A title", cost: 7, durationMs: 8, provider: "openai" });
  });

  test("numbers may be negative, fractions, or beyond what JSON can give back", async () => {
    const externalId = uniqueId();
    const body = `{"externalId":"${externalId}","cost":1e400,"durationMs":-1.5}`;
    const answer = await api().post("/sync/session", body);
    expect(answer.status).toBe(200);
    const { session } = await api().read(answer.body.sessionId);
    expect(session).toMatchObject({ cost: null, durationMs: -1.5 });
  });
}
