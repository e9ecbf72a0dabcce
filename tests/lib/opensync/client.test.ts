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
    for (const call of calls) await expect(Promise.try(call)).rejects.toThrow("has an id");
    expect(server.received).toEqual([]);
  });

  test("follows no redirect", async () => {
    await using thief = scriptedServer(ok);
    await using server = scriptedServer(() => Response.redirect(thief.baseUrl, 307));
    await expect(hastyClient(server.baseUrl).putMessage(message)).rejects.toMatchObject({
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
