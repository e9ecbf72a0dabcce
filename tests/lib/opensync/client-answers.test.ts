import { describe, expect, test } from "bun:test";
import { hastyClient, scriptedServer } from "./scripted-server.ts";

const failure = (status: number, error: string): Response => Response.json({ error }, { status });

const message = {
  sessionExternalId: "session",
  externalId: "session:entry",
  role: "user",
} as const;

describe("an answer that OpenSync would not give is refused", () => {
  const calls = {
    checkHealth: (baseUrl: string) => hastyClient(baseUrl).checkHealth(),
    checkKey: (baseUrl: string) => hastyClient(baseUrl).checkKey(),
    putSession: (baseUrl: string) => hastyClient(baseUrl).putSession({ externalId: "a" }),
    putMessage: (baseUrl: string) => hastyClient(baseUrl).putMessage(message),
    renameSession: (baseUrl: string) => hastyClient(baseUrl).renameSession("a", "t"),
    listSessions: (baseUrl: string) => hastyClient(baseUrl).listSessions(),
    getSession: (baseUrl: string) => hastyClient(baseUrl).getSession("s1"),
  };
  const page = (): Response =>
    new Response("<!doctype html>", { headers: { "content-type": "text/html" } });
  const bodies = [
    "",
    "null",
    "[]",
    "1",
    "{}",
    '{"ok":1}',
    '{"sessions":[{}]}',
    '{"status":"fine"}',
    '{"ok":true',
  ];

  test.each(Object.entries(calls))("by %s", async (_, call) => {
    for (const answer of [page, ...bodies.map((body) => () => new Response(body))]) {
      await using server = scriptedServer(answer);
      await expect(call(server.baseUrl)).rejects.toMatchObject({ kind: "not-opensync" });
      expect(server.received).toHaveLength(1);
    }
  });

  test("when it is too large, unread", async () => {
    let sent = 0;
    const endless = new ReadableStream({
      pull: (controller) => {
        sent += 65_536;
        controller.enqueue(new Uint8Array(65_536).fill(32));
      },
    });
    await using server = scriptedServer(() => new Response(endless));
    await expect(hastyClient(server.baseUrl).putMessage(message)).rejects.toMatchObject({
      kind: "not-opensync",
    });
    expect(sent).toBeLessThan(32 * 1024 * 1024);
  });
});

describe("checks", () => {
  test("ask once", async () => {
    await using server = scriptedServer(() => failure(503, "overloaded"));
    await expect(hastyClient(server.baseUrl).checkHealth()).rejects.toMatchObject({
      kind: "server",
    });
    await expect(hastyClient(server.baseUrl).checkKey()).rejects.toMatchObject({ kind: "server" });
    expect(server.received.map(({ path }) => path)).toEqual(["/health", "/api/sessions?limit=1"]);
  });

  test("accept what OpenSync says", async () => {
    await using server = scriptedServer(({ path }) =>
      Response.json(
        path === "/health" ? { status: "ok", timestamp: 12, more: 1 } : { sessions: [] },
      ),
    );
    expect(await hastyClient(server.baseUrl).checkHealth()).toEqual({
      status: "ok",
      timestamp: 12,
    });
    expect(await hastyClient(server.baseUrl).checkKey()).toBeUndefined();
  });
});

describe("renaming", () => {
  const batch = (sessions: number, ...errors: string[]): Response =>
    Response.json({ ok: true, sessions, messages: 0, errors });

  test("goes through a batch with nothing but the title", async () => {
    await using server = scriptedServer(() => batch(1));
    await hastyClient(server.baseUrl).renameSession("a", "New");
    expect(server.received[0]).toMatchObject({ path: "/sync/batch" });
    expect(server.received[0]!.json).toEqual({ sessions: [{ externalId: "a", title: "New" }] });
  });

  test("is done when the title was so already", async () => {
    await using server = scriptedServer(() => batch(0));
    await hastyClient(server.baseUrl).renameSession("a", "New");
  });

  test("repeats a conflict that the batch reports, and refuses a refusal", async () => {
    const conflict =
      "Sessions batch error: Documents read from or written to the table changed while this mutation";
    await using server = scriptedServer((_, number) =>
      number === 1 ? batch(0, conflict) : batch(1),
    );
    await hastyClient(server.baseUrl).renameSession("a", "New");
    expect(server.received).toHaveLength(2);

    await using strict = scriptedServer(() =>
      batch(0, "Sessions batch error: ArgumentValidationError: no"),
    );
    await expect(hastyClient(strict.baseUrl).renameSession("a", "New")).rejects.toMatchObject({
      kind: "refused",
    });
  });

  test("is not done when the batch counts what we did not send", async () => {
    await using server = scriptedServer(() => batch(2));
    await expect(hastyClient(server.baseUrl).renameSession("a", "New")).rejects.toMatchObject({
      kind: "not-opensync",
    });
  });
});

describe("reading", () => {
  const stored = {
    id: "s1",
    externalId: "a",
    title: "T",
    promptTokens: 1,
    completionTokens: 2,
    totalTokens: 3,
    cost: 0.5,
    isPublic: false,
    messageCount: 1,
    createdAt: 10,
    updatedAt: 20,
  };
  const storedMessage = {
    id: "m1",
    externalId: "a:1",
    role: "user",
    textContent: "hi",
    createdAt: 10,
    parts: [{ type: "text", content: "hi" }],
  };

  test("lists all sessions", async () => {
    await using server = scriptedServer(() => Response.json({ sessions: [stored] }));
    expect(await hastyClient(server.baseUrl).listSessions()).toEqual([stored]);
    expect(server.received[0]).toMatchObject({ method: "GET", path: "/api/sessions?limit=8192" });
  });

  test("gets a session by an id that may hold anything", async () => {
    await using server = scriptedServer(() =>
      Response.json({ session: stored, messages: [storedMessage] }),
    );
    const conversation = await hastyClient(server.baseUrl).getSession("a&b=/?");
    expect(conversation).toEqual({ session: stored, messages: [storedMessage] } as never);
    expect(server.received[0]!.path).toBe("/api/sessions/get?id=a%26b%3D%2F%3F");
  });

  test("takes null for a number that was too large, and leaves out what is not a text", async () => {
    await using server = scriptedServer(() =>
      Response.json({ sessions: [{ ...stored, cost: null, title: 5 }] }),
    );
    const { title: _, ...rest } = stored;
    expect(await hastyClient(server.baseUrl).listSessions()).toEqual([{ ...rest, cost: 0 }]);
  });

  test("tries again what may pass", async () => {
    await using server = scriptedServer((_, number) =>
      number === 1 ? failure(502, "") : Response.json({ sessions: [] }),
    );
    expect(await hastyClient(server.baseUrl).listSessions()).toEqual([]);
  });
});
