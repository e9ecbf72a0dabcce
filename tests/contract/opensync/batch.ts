import { expect, test } from "bun:test";
import { type Api, past, uniqueId } from "./client.ts";

/** Contract, section 6. */
export function testBatch(api: () => Api): void {
  const batch = async (body: unknown) => {
    const answer = await api().post("/sync/batch", body);
    expect(answer.status).toBe(200);
    expect(answer.body.ok).toBe(true);
    return answer.body as { sessions: number; messages: number; errors: string[] };
  };
  const messageOf = (sessionExternalId: string, name: string, fields: object = {}) => ({
    sessionExternalId,
    externalId: `${sessionExternalId}:${name}`,
    role: "user",
    ...fields,
  });

  test("sessions are stored before messages, and messages keep their order", async () => {
    const externalId = uniqueId();
    const names = ["c", "a", "b"];
    const messages = names.map((name) =>
      messageOf(externalId, name, { textContent: name, parts: [{ type: "text", content: name }] }),
    );
    const counts = await batch({ sessions: [{ externalId, title: "T", cost: 1 }], messages });
    expect(counts).toMatchObject({ sessions: 1, messages: 3, errors: [] });
    const stored = await api().read(await api().putSession({ externalId }));
    expect(stored.session).toMatchObject({ title: "T", cost: 1, messageCount: 3 });
    expect(stored.messages.map((message) => message.textContent)).toEqual(names);
    expect(stored.messages.map((message) => message.parts[0].content)).toEqual(names);
  });

  test("an empty batch does nothing", async () => {
    for (const body of [{}, { sessions: [], messages: [] }, { sessions: {} }, []]) {
      expect(await batch(body)).toMatchObject({ sessions: 0, messages: 0, errors: [] });
    }
  });

  test("a list that is a string is an error in the answer", async () => {
    const { errors } = await batch({ sessions: "x", messages: "y" });
    expect(errors[0]).toStartWith("Sessions batch error: ");
    expect(errors[1]).toStartWith("Messages batch error: ");
  });

  test("one wrong session takes the whole list with it, and no message", async () => {
    const [good, bad, withMessage] = [uniqueId(), uniqueId(), uniqueId()];
    const counts = await batch({
      sessions: [{ externalId: good }, { externalId: bad, createdAt: past }],
      messages: [messageOf(withMessage, "a")],
    });
    expect(counts).toMatchObject({ sessions: 0, messages: 1 });
    expect(counts.errors).toHaveLength(1);
    expect(counts.errors[0]).toMatch(/^Sessions batch error: .*ArgumentValidationError/s);
    const { body } = await api().get("/sync/sessions/list");
    expect(body.sessionIds).not.toContain(good);
    expect(body.sessionIds).toContain(withMessage);
  });

  test("unknown fields of a session are refused", async () => {
    for (const extra of ["createdAt", "totalTokens", "messageCount", "sessionId"]) {
      const { sessions, errors } = await batch({
        sessions: [{ externalId: uniqueId(), [extra]: 1 }],
      });
      expect([extra, sessions, errors.length]).toEqual([extra, 0, 1]);
      expect(errors[0]).toContain(extra);
    }
  });

  test("unknown fields of a message are refused", async () => {
    const externalId = uniqueId();
    for (const extra of ["createdAt", "cost", "id"]) {
      const { messages, errors } = await batch({
        messages: [messageOf(externalId, "a"), messageOf(externalId, "b", { [extra]: 1 })],
      });
      expect([extra, messages, errors.length]).toEqual([extra, 0, 1]);
      expect(errors[0]).toMatch(/^Messages batch error: .*ArgumentValidationError/s);
    }
    const { body } = await api().get("/sync/sessions/list");
    expect(body.sessionIds).not.toContain(externalId);
  });

  test("items are checked like single ones", async () => {
    const messages = [{ role: "robot" }, { textContent: null }, { parts: [{ type: "text" }] }];
    for (const fields of messages) {
      const counts = await batch({ messages: [messageOf(uniqueId(), "a", fields)] });
      expect([fields, counts.messages, counts.errors.length]).toEqual([fields, 0, 1]);
    }
    for (const session of [{}, { externalId: uniqueId(), title: null }, "x"]) {
      const counts = await batch({ sessions: [session] });
      expect([session, counts.sessions, counts.errors.length]).toEqual([session, 0, 1]);
    }
  });

  test("a thousand messages fit", async () => {
    const externalId = uniqueId();
    const messages = Array.from({ length: 1000 }, (_, i) => messageOf(externalId, `${i}`));
    expect(await batch({ messages })).toMatchObject({ messages: 1000, errors: [] });
    const { session } = await api().read(await api().putSession({ externalId }));
    expect(session.messageCount).toBe(1000);
  });
}
