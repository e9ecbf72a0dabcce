import { describe, expect, test } from "bun:test";
import { createOpenSyncClient } from "../../../lib/opensync/client.ts";
import { createPace } from "../../../lib/opensync/pace.ts";
import type { RetryReport } from "../../../lib/opensync/retry.ts";
import type { MessagePut } from "../../../lib/opensync/wire.ts";
import { systemClock } from "../../../lib/platform/clock.ts";
import {
  type Answerer,
  apiKey,
  hastyClient,
  type ScriptedServer,
  scriptedServer,
} from "./scripted-server.ts";

const ok: Answerer = () => Response.json({ ok: true, sessionId: "s1" });
const failure = (status: number, error: string): Response => Response.json({ error }, { status });

const message: MessagePut = {
  sessionExternalId: "session",
  externalId: "session:entry",
  role: "user",
  textContent: "hello",
  createdAt: Date.UTC(2025, 0, 1),
  parts: [
    { type: "tool-call", content: { name: "bash" } },
    { type: "text", content: "hello" },
  ],
};

/** Answers the first requests as listed, and all after them with success. */
function answersOf(...answers: (() => Response)[]): ScriptedServer {
  return scriptedServer((request, number) => answers[number - 1]?.() ?? ok(request, number));
}

describe("a request", () => {
  test("carries the key in its header alone, and JSON", async () => {
    await using server = scriptedServer(ok);
    await hastyClient(server.baseUrl).putSession({ externalId: "a", title: "t" });
    const [request] = server.received;
    expect(request).toMatchObject({
      method: "POST",
      path: "/sync/session",
      json: { externalId: "a", title: "t" },
    });
    expect(request!.headers.get("authorization")).toBe(`Bearer ${apiKey}`);
    expect(request!.headers.get("content-type")).toBe("application/json");
    expect(request!.path + request!.body).not.toContain(apiKey);
  });

  test("goes to a path below the address", async () => {
    await using server = scriptedServer(ok);
    await hastyClient(`${server.baseUrl}/open`).putMessage(message);
    expect(server.received[0]).toMatchObject({ path: "/open/sync/message", json: { ...message } });
  });

  test("holds no empty fields and no number that JSON cannot say", async () => {
    await using server = scriptedServer(ok);
    const session = {
      externalId: "a",
      title: undefined,
      model: null,
      cost: Number.NaN,
      durationMs: Infinity,
      source: "",
    };
    await hastyClient(server.baseUrl).putSession(session as never);
    expect(server.received[0]!.body).toBe('{"externalId":"a","source":""}');
  });

  test.each([
    [Date.UTC(2999, 0), "now"],
    [1e300, "now"],
    [0, Date.UTC(2000, 0)],
    [-5, Date.UTC(2000, 0)],
    [1_700_000_000_000.75, 1_700_000_000_000],
  ])("has a possible time instead of %d", async (createdAt, expected) => {
    await using server = scriptedServer(ok);
    const clock = { ...systemClock, now: () => 1_800_000_000_123 };
    const client = hastyClient(server.baseUrl, { clock });
    await client.putSession({ externalId: "a", createdAt });
    await client.putMessage({ ...message, createdAt });
    const time = expected === "now" ? clock.now() : expected;
    expect(server.received.map(({ json }) => json["createdAt"])).toEqual([time, time]);
  });

  test("never has an empty id", async () => {
    await using server = scriptedServer(ok);
    const client = hastyClient(server.baseUrl);
    const calls = [
      () => client.putSession({ externalId: "" }),
      () => client.putMessage({ ...message, externalId: "" }),
      () => client.putMessage({ ...message, sessionExternalId: "" }),
      () => client.renameSession("", "title"),
    ];
    for (const call of calls) expect(Promise.try(call)).rejects.toThrow("has an id");
    expect(server.received).toEqual([]);
  });

  test("follows no redirect", async () => {
    await using thief = scriptedServer(ok);
    await using server = scriptedServer(() => Response.redirect(thief.baseUrl, 307));
    expect(hastyClient(server.baseUrl).putMessage(message)).rejects.toMatchObject({
      kind: "not-opensync",
      message: `The address redirects to ${thief.baseUrl} (HTTP 307).`,
    });
    await Bun.sleep(20);
    expect(thief.received).toEqual([]);
  });
});

test.each(["", "osk_with space", "osk_new\nline", "osk_\u00e9"])(
  "a key such as %j is refused unseen",
  (key) => {
    const make = (): unknown =>
      createOpenSyncClient({
        baseUrl: "http://127.0.0.1:1",
        apiKey: key,
        fetch,
        clock: systemClock,
      });
    expect(make).toThrow(
      expect.objectContaining({ code: "config", message: expect.not.stringContaining("osk_") }),
    );
  },
);

describe("a failure that may pass", () => {
  test("is tried again and reported, and the effort ends", async () => {
    await using server = scriptedServer(() => failure(503, "overloaded"));
    const reports: RetryReport[] = [];
    const client = hastyClient(server.baseUrl, { onRetry: (report) => reports.push(report) });
    await expect(client.putMessage(message)).rejects.toMatchObject({
      kind: "server",
      code: "network",
    });
    expect(server.received).toHaveLength(6);
    expect(reports.map(({ attempt, error }) => [attempt, error.reason])).toEqual(
      [1, 2, 3, 4, 5].map((attempt) => [attempt, "busy"]),
    );
  });

  test("sends the same once more and succeeds", async () => {
    await using server = answersOf(
      () => failure(429, "slow down"),
      () => failure(500, "what?"),
    );
    await hastyClient(server.baseUrl).putMessage(message);
    expect(new Set(server.received.map(({ body }) => body)).size).toBe(1);
    expect(server.received).toHaveLength(3);
  });

  test("waits as long as the server asks", async () => {
    await using server = answersOf(
      () => new Response("", { status: 429, headers: { "retry-after": "0.2" } }),
    );
    const startMs = performance.now();
    await hastyClient(server.baseUrl).putMessage(message);
    expect(performance.now() - startMs).toBeGreaterThan(195);
  });

  test("is given up when its signal is aborted", async () => {
    await using server = answersOf(
      () => new Response("", { status: 429, headers: { "retry-after": "60" } }),
    );
    const controller = new AbortController();
    const client = hastyClient(server.baseUrl, {
      onRetry: () => setTimeout(() => controller.abort(new Error("stop")), 5),
    });
    await expect(client.putMessage(message, { signal: controller.signal })).rejects.toThrow("stop");
    await expect(client.putMessage(message, { signal: controller.signal })).rejects.toThrow("stop");
    expect(server.received).toHaveLength(1);
  });
});

test("a failure for good is not tried again", async () => {
  await using server = scriptedServer(() => failure(401, "Invalid API key"));
  await expect(hastyClient(server.baseUrl).putMessage(message)).rejects.toMatchObject({
    code: "unauthorised",
  });
  expect(server.received).toHaveLength(1);
});

describe("a search text cut within a character", () => {
  const cut = (): Response =>
    failure(500, "Received invalid json: lone leading surrogate in hex escape");

  test("is moved by one space, once", async () => {
    await using server = answersOf(cut);
    await hastyClient(server.baseUrl).putMessage(message);
    expect(server.received.map(({ json }) => json["parts"])).toEqual([
      message.parts,
      [message.parts![0], { type: "text", content: " hello" }],
    ]);
    expect(server.received[1]!.json["textContent"]).toBe("hello");
  });

  test("is a refusal when that does not help, or when there is no text to move", async () => {
    await using server = scriptedServer(cut);
    const client = hastyClient(server.baseUrl);
    await expect(client.putMessage(message)).rejects.toMatchObject({ kind: "refused" });
    expect(server.received).toHaveLength(2);
    await expect(client.putMessage({ ...message, parts: [] })).rejects.toMatchObject({
      kind: "refused",
    });
    expect(server.received).toHaveLength(3);
  });
});

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

test("the pace sees each try, and a waiting repetition leaves its place to others", async () => {
  await using server = answersOf(
    () => new Response("", { status: 429, headers: { "retry-after": "0.1" } }),
  );
  const order: string[] = [];
  const pace = createPace(systemClock);
  const client = hastyClient(server.baseUrl, { pace });
  const put = async (id: string): Promise<void> => {
    await client.putMessage({ ...message, externalId: id });
    order.push(id);
  };
  await Promise.all([put("first"), put("second")]);
  expect(order).toEqual(["second", "first"]);
});

test("finds by itself that a slow server bears more at once", async () => {
  let inFlight = 0;
  let highest = 0;
  await using server = scriptedServer(async (request, number) => {
    inFlight += 1;
    highest = Math.max(highest, inFlight);
    await Bun.sleep(10);
    inFlight -= 1;
    return ok(request, number);
  });
  const pace = createPace(systemClock);
  const client = hastyClient(server.baseUrl, { pace });
  let left = 400;
  const caller = async (): Promise<void> => {
    while (left-- > 0) await client.putMessage(message);
  };
  await Promise.all(Array.from({ length: 12 }, caller));
  expect(server.received).toHaveLength(400);
  expect(highest).toBeGreaterThanOrEqual(5);
  expect(highest).toBeLessThanOrEqual(8);
});
