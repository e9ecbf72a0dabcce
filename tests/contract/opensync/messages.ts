import { expect, test } from "bun:test";
import { type Api, past, uniqueId } from "./client.ts";

const parts = [
  { type: "text", content: "Look at this" },
  {
    type: "tool-call",
    content: { name: "bash", args: { command: "ls", nested: [1, null, true] } },
  },
  { type: "tool-result", content: null },
  { type: "anything", content: [] },
];

/** Contract, section 5. */
export function testMessages(api: () => Api): void {
  /** A session and what it holds after the messages were sent to it. */
  const converse = async (...messages: Record<string, unknown>[]) => {
    const sessionExternalId = uniqueId();
    const id = await api().putSession({ externalId: sessionExternalId, source: "pi" });
    const prefix = { sessionExternalId, role: "user", createdAt: past };
    for (const { externalId, ...message } of messages) {
      const unique = `${sessionExternalId}:${externalId as string}`;
      await api().putMessage({ ...prefix, externalId: unique, ...message });
    }
    return api().read(id);
  };
  const refused = async (fields: object) => {
    const message = { sessionExternalId: uniqueId(), externalId: uniqueId("m"), role: "user" };
    const answer = await api().post("/sync/message", { ...message, ...fields });
    expect([fields, answer.status]).toEqual([fields, 500]);
    expect(answer.body.error).toContain("ArgumentValidationError");
  };

  test("a new message is stored with all its fields", async () => {
    const message = {
      role: "assistant",
      textContent: "Look at this",
      model: "claude-opus-4-5",
      promptTokens: 10,
      completionTokens: 5,
      durationMs: 900,
      createdAt: past + 0.5,
      parts,
    };
    const { session, messages } = await converse({ externalId: "a", ...message });
    expect(messages).toEqual([
      { id: expect.any(String), externalId: `${session.externalId}:a`, ...message },
    ]);
  });

  test("a new message counts, and its tokens do not", async () => {
    const { session } = await converse(
      { externalId: "a", promptTokens: 10 },
      { externalId: "b", completionTokens: 10 },
    );
    expect(session).toMatchObject({ messageCount: 2, totalTokens: 0 });
  });

  test("a message without parts and text has no parts", async () => {
    const { messages } = await converse({ externalId: "a" });
    expect(messages[0].parts).toEqual([]);
    expect(messages[0]).not.toHaveProperty("textContent");
  });

  test("a message without a time has the server's", async () => {
    const before = Date.now();
    const sessionExternalId = uniqueId();
    const id = await api().putSession({ externalId: sessionExternalId });
    const externalId = uniqueId("m");
    await api().putMessage({ sessionExternalId, externalId, role: "user" });
    const { messages } = await api().read(id);
    expect(Math.abs(messages[0].createdAt - before)).toBeLessThan(600_000);
  });

  test("messages stand in the order of their times, then of arrival", async () => {
    const { session, messages } = await converse(
      { externalId: "c", createdAt: past + 2 },
      { externalId: "d", createdAt: past + 2 },
      { externalId: "b", createdAt: past + 2 },
      { externalId: "a", createdAt: past + 1 },
    );
    const order = messages.map((message) => message.externalId.at(-1));
    expect(order).toEqual(["a", "c", "d", "b"]);
    expect(session.messageCount).toBe(4);
  });

  test("a message that comes again replaces text, parts and tokens, and does not count", async () => {
    const again = [{ type: "text", content: "New" }];
    const { session, messages } = await converse(
      { externalId: "a", textContent: "Old", parts, promptTokens: 1, model: "one" },
      { externalId: "a", textContent: "New", parts: again, promptTokens: 2 },
    );
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatchObject({ textContent: "New", promptTokens: 2, model: "one" });
    expect(messages[0].parts).toEqual(again);
    expect(session.messageCount).toBe(1);
  });

  test("role and time of a message stay as they were", async () => {
    const { messages } = await converse(
      { externalId: "a", role: "user" },
      { externalId: "a", role: "assistant", createdAt: past + 9, textContent: "x" },
    );
    expect(messages[0]).toMatchObject({ role: "user", createdAt: past, textContent: "x" });
  });

  test("an empty text replaces a text, and an empty list all parts", async () => {
    const { messages } = await converse(
      { externalId: "a", textContent: "Old", parts },
      { externalId: "a", textContent: "", parts: [] },
    );
    expect(messages[0]).toMatchObject({ textContent: "", parts: [] });
  });

  test("a message of an unknown session makes the session", async () => {
    const sessionExternalId = uniqueId();
    const message = { sessionExternalId, externalId: uniqueId("m"), role: "user", model: "gpt-5" };
    await api().putMessage({ ...message, createdAt: past });
    const id = await api().putSession({ externalId: sessionExternalId, createdAt: past });
    const { session } = await api().read(id);
    expect(session).toMatchObject({ model: "gpt-5", messageCount: 1, totalTokens: 0 });
    expect(session).not.toHaveProperty("title");
    expect(session.createdAt).toBeGreaterThan(past);
  });

  test("unknown fields of a message are ignored", async () => {
    const { messages } = await converse({ externalId: "a", cost: 5, provider: "x", id: "y" });
    expect(messages[0]).not.toHaveProperty("cost");
  });

  test("every role is taken and no other", async () => {
    const roles = ["user", "assistant", "system", "tool", "unknown"];
    const { messages } = await converse(...roles.map((role) => ({ externalId: role, role })));
    expect(messages.map((message) => message.role)).toEqual(roles);
    for (const role of ["toolResult", "", null, undefined]) await refused({ role });
  });

  test("both ids are needed, under these names", async () => {
    await refused({ sessionExternalId: undefined });
    await refused({ externalId: undefined });
    await refused({ sessionExternalId: undefined, sessionId: "x" });
  });

  test("null and values of the wrong type are refused", async () => {
    for (const field of ["textContent", "model", "source"]) {
      await refused({ [field]: null });
      await refused({ [field]: 1 });
    }
    for (const field of ["promptTokens", "completionTokens", "durationMs", "createdAt"]) {
      await refused({ [field]: null });
      await refused({ [field]: "2025-01-01T00:00:00Z" });
    }
    await refused({ parts: null });
    await refused({ parts: {} });
  });

  test("a part has a type and a content and nothing else", async () => {
    await refused({ parts: [{ type: "text" }] });
    await refused({ parts: [{ content: "x" }] });
    await refused({ parts: [{ type: 1, content: "x" }] });
    await refused({ parts: [{ type: "text", content: "x", order: 1 }] });
    await refused({ parts: [{ type: "tool-call", toolName: "bash", args: {} }] });
    await refused({ parts: ["text"] });
  });

  test("a refused message leaves nothing behind", async () => {
    const externalId = uniqueId();
    await refused({ sessionExternalId: externalId, parts: [{ type: "text" }] });
    const { body } = await api().get("/sync/sessions/list");
    expect(body.sessionIds).not.toContain(externalId);
  });
}
