import { beforeAll, expect, test } from "bun:test";
import { type Api, past, uniqueId } from "./client.ts";

/** Contract, section 8: `/api/export` and `/api/export/evals`. */
export function testExport(api: () => Api): void {
  let id = "";
  beforeAll(async () => {
    const externalId = uniqueId();
    const session = { title: 'A "title": x/y', model: "gpt-5", projectPath: "/p", cost: 0.5 };
    id = await api().putSession({ externalId, ...session, promptTokens: 3 });
    const say = (name: string, role: string, fields: object) =>
      api().putMessage({
        sessionExternalId: externalId,
        externalId: `${externalId}:${name}`,
        role,
        createdAt: past,
        ...fields,
      });
    await say("a", "user", { textContent: "Only text" });
    await say("b", "assistant", {
      textContent: "Hidden by parts",
      parts: [
        { type: "text", content: "One" },
        { type: "tool-call", content: { name: "bash" } },
        { type: "text", content: { text: "Two" } },
        { type: "text", content: { content: "Three" } },
      ],
    });
  });
  const messages = [
    { role: "user", content: "Only text" },
    { role: "assistant", content: "One\nTwo\nThree" },
  ];

  test("JSON holds what was said, and is the default", async () => {
    for (const query of [{ id }, { id, format: "json" }, { id, format: "unknown" }]) {
      const { status, body } = await api().get("/api/export", query);
      expect(status).toBe(200);
      expect(body.session).toEqual({ id, title: 'A "title": x/y', model: "gpt-5" });
      expect(body.messages).toEqual(messages);
    }
  });

  test("JSON lines come inside JSON", async () => {
    const { body } = await api().get("/api/export", { id, format: "jsonl" });
    expect(body.filename).toBe("A--title---x-y.jsonl");
    expect(body.content.split("\n").map((line: string) => JSON.parse(line))).toEqual(messages);
  });

  test("Markdown is a file with a harmless name", async () => {
    const { body, headers } = await api().get("/api/export", { id, format: "markdown" });
    expect(headers.get("content-type")).toStartWith("text/markdown");
    expect(headers.get("content-disposition")).toBe('attachment; filename="A--title---x-y.md"');
    for (const text of ['# A "title": x/y', "## User", "Only text", "## Assistant", "Three"]) {
      expect(body).toContain(text);
    }
    expect(body).not.toContain("Hidden by parts");
    expect(body).not.toContain("bash");
  });

  test("an export needs the id of a session", async () => {
    expect((await api().get("/api/export")).status).toBe(400);
    expect((await api().get("/api/export", { id: "nonsense" })).status).toBe(500);
  });

  test("an export for evals has to be of a known format", async () => {
    expect((await api().get("/api/export/evals", { format: "csv" })).status).toBe(400);
  });
}
