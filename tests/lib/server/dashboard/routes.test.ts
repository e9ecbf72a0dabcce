import { expect, test } from "bun:test";
import type {
  MessagePage,
  MessageView,
  SearchPage,
  ServerEvent,
  SessionDetail,
  SessionPage,
} from "../../../../lib/dashboard/api.ts";
import { type TestDashboard, testDashboard } from "../../../support/dashboard.ts";

const day = Date.UTC(2026, 10, 20);

async function put(board: TestDashboard, externalId: string, texts: string[], title = "Title") {
  await board.client.putSession({ externalId, title, source: "pi", createdAt: day });
  for (const [i, text] of texts.entries()) {
    await board.client.putMessage({
      sessionExternalId: externalId,
      externalId: `${externalId}:${i}`,
      role: i % 2 === 0 ? "user" : "assistant",
      createdAt: day + i * 1000,
      parts: [{ type: "text", content: text }],
    });
  }
}

const uuid = "019e742e-0000-7000-8000-000000000001";

test("nobody gets in without a token, and no key opens the pages", async () => {
  await using board = await testDashboard();
  const { url, apiKey } = board.server;
  for (const path of ["sessions", "facets", "search?q=a", "overview", "events", "sessions/ses_1"]) {
    for (const authorization of ["", "Bearer x", `Bearer ${apiKey}`]) {
      const answer = await fetch(`${url}/dashboard/api/${path}`, { headers: { authorization } });
      expect(answer.status).toBe(401);
      expect(await answer.json()).toEqual({ error: expect.any(String) });
    }
  }
  expect((await board.send("links", { method: "POST" })).status).toBe(401);
});

test("the key gives a link, and the link a token, once", async () => {
  await using board = await testDashboard();
  const { url, apiKey } = board.server;
  const links = { method: "POST", headers: { authorization: `Bearer ${apiKey}` } };
  const given = (await (await fetch(`${url}/dashboard/api/links`, links)).json()) as {
    url: string;
  };
  expect(given.url).toStartWith(`${url}/#login=`);
  const body = JSON.stringify({ link: given.url.split("=")[1] });
  const logIn = () => fetch(`${url}/dashboard/api/login`, { method: "POST", body });
  expect([(await logIn()).status, (await logIn()).status]).toEqual([200, 401]);
});

test("a login that is none is refused", async () => {
  await using board = await testDashboard();
  const statuses = [];
  for (const body of ["", "null", "{", '{"link":1}', `{"link":"${"x".repeat(5000)}"}`]) {
    const init = { method: "POST", body };
    statuses.push((await fetch(`${board.server.url}/dashboard/api/login`, init)).status);
  }
  expect(statuses).toEqual([401, 401, 401, 401, 413]);
});

test("pages of other origins are turned away, and no header invites them", async () => {
  await using board = await testDashboard();
  for (const headers of [
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: "http://127.0.0.1:1" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
  ]) {
    expect((await board.send("sessions", { headers })).status).toBe(403);
  }
  const own = { origin: board.server.url, "sec-fetch-site": "same-origin" };
  const answer = await board.send("sessions", { headers: own });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  expect(answer.headers.get("cache-control")).toBe("no-store");
});

test("other paths, methods and values are refused in words", async () => {
  await using board = await testDashboard();
  const status = async (path: string, method = "GET") =>
    (await board.send(path, { method })).status;
  expect(await status("nothing")).toBe(404);
  expect(await status("sessions/")).toBe(404);
  expect(await status("sessions/ses_1")).toBe(404);
  expect(await status("sessions/%E0%A4%A")).toBe(404);
  expect(await status("sessions", "DELETE")).toBe(405);
  expect(await status("events", "HEAD")).toBe(405);
  expect((await board.send("login")).headers.get("allow")).toBe("POST");
  for (const query of ["limit=-1", "limit=1.5", "offset=x", "from=Infinity", "sort=constructor"]) {
    expect(await status(`sessions?${query}`)).toBe(400);
  }
});

test("a session is found by its own id and by its client's, with its messages", async () => {
  await using board = await testDashboard();
  await put(board, `pi:${uuid}`, ["first  prompt\nof two lines", "answer", "second"]);
  const byName = await board.get<SessionDetail>(`sessions/${encodeURIComponent(`pi:${uuid}`)}`);
  const byId = await board.get<SessionDetail>(`sessions/${byName.session.id}`);
  expect(byId).toEqual(byName);
  expect(byId).toMatchObject({
    session: { title: "Title", messages: 3, lastMessageAt: day + 2000, isSubagent: false },
    resumeCommand: `pi --session ${uuid}`,
    prompts: [
      { index: 0, text: "first prompt of two lines" },
      { index: 2, text: "second" },
    ],
    total: 3,
    forks: [],
  });
  const path = `sessions/${byId.session.id}/messages`;
  const page = await board.get<MessagePage>(`${path}?from=1&limit=1`);
  expect(page).toMatchObject({ from: 1, total: 3, messages: [{ index: 1, role: "assistant" }] });
  const [message] = page.messages;
  expect(await board.get<MessageView>(`${path}/${message!.id}`)).toEqual(message!);
  for (const wrong of ["msg_1", "msg_x", "msg_99999999999999999999"]) {
    expect((await board.send(`${path}/${wrong}`)).status).toBe(404);
  }
});

test("messages stand in the order of their times, and large ones come in more pages", async () => {
  await using board = await testDashboard();
  const large = "x".repeat(900_000);
  for (const [i, at] of [5, 3, 4, 1, 2, 3].entries()) {
    await board.client.putMessage({
      sessionExternalId: "s",
      externalId: `m${i}`,
      role: "user",
      createdAt: day + at,
      parts: [{ type: "text", content: `${i} ${large}` }],
    });
  }
  const order: string[] = [];
  const pages: number[] = [];
  while (order.length < 6) {
    const page = await board.get<MessagePage>(`sessions/ses_1/messages?from=${order.length}`);
    pages.push(page.messages.length);
    for (const { index, parts } of page.messages) {
      expect(index).toBe(order.length);
      order.push((parts[0] as { text: string }).text.charAt(0));
    }
  }
  expect(order.join("")).toBe("341520");
  expect(pages).toEqual([4, 2]);
});

test("a removed session is gone with all that finds it, and its id is not given again", async () => {
  await using board = await testDashboard();
  await put(board, "kept", ["needle"]);
  await put(board, "gone", ["needle", "other"], "needle title");
  expect((await board.get<SearchPage>("search?q=needle")).hits).toHaveLength(3);
  await put(board, "gone", ["needle", "other", "needle pending"], "needle title");
  expect((await board.send("sessions/gone", { method: "DELETE" })).status).toBe(200);
  expect((await board.send("sessions/gone", { method: "DELETE" })).status).toBe(404);
  const { hits } = await board.get<SearchPage>("search?q=needle");
  expect(hits.map((hit) => hit.session.externalId)).toEqual(["kept"]);
  await put(board, "gone", ["back"]);
  const { sessions } = await board.get<SessionPage>("sessions");
  expect(sessions.map(({ id, externalId, messages }) => [id, externalId, messages])).toEqual([
    ["ses_3", "gone", 1],
    ["ses_1", "kept", 1],
  ]);
  expect((await board.get<SearchPage>("search?q=other")).hits).toEqual([]);
});

test("programs remove sessions with the key", async () => {
  await using board = await testDashboard();
  await put(board, "s", ["a"]);
  const { url, apiKey } = board.server;
  const remove = async (query: string, authorization = `Bearer ${apiKey}`) => {
    const init = { method: "DELETE", headers: { authorization } };
    return (await fetch(`${url}/api/sessions${query}`, init)).status;
  };
  expect(await remove("?id=ses_1", "Bearer x")).toBe(401);
  expect(await remove("")).toBe(400);
  expect(await remove("?id=ses_1")).toBe(200);
  expect(await remove("?id=ses_1")).toBe(404);
});

test("an export has all that is in a session", async () => {
  await using board = await testDashboard();
  await put(board, "s", ["question"]);
  await board.client.putMessage({
    sessionExternalId: "s",
    externalId: "tool",
    role: "tool",
    parts: [
      { type: "tool-result", content: { toolCallId: "1", name: "bash", result: "```\nout\n```" } },
    ],
  });
  const load = async (format: string) => {
    const answer = await board.send(`sessions/ses_1/export?format=${format}`);
    return { text: await answer.text(), name: answer.headers.get("content-disposition") };
  };
  const markdown = await load("markdown");
  expect(markdown.name).toBe('attachment; filename="Title.md"');
  expect(markdown.text).toContain("## User\n\nquestion\n");
  expect(markdown.text).toContain("**Result: bash**\n\n````\n```\nout\n```\n````\n");
  const json = JSON.parse((await load("json")).text);
  const lines = (await load("jsonl")).text.trimEnd().split("\n");
  expect(json.session.externalId).toBe("s");
  expect(json.messages[1].parts[0].content.result).toBe("```\nout\n```");
  expect(lines.map((line) => JSON.parse(line))).toEqual(json.messages);
  expect((await board.send("sessions/ses_1/export?format=exe")).status).toBe(400);
});

test("a page hears of changes as they happen, a few times a second", async () => {
  await using board = await testDashboard();
  const leave = new AbortController();
  const answer = await board.send("events", { signal: leave.signal });
  expect(answer.headers.get("content-type")).toBe("application/x-ndjson");
  const events: ServerEvent[] = [];
  const isSeen = Promise.withResolvers<void>();
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of answer.body!) {
      for (const line of decoder.decode(chunk).split("\n").filter(Boolean)) {
        events.push(JSON.parse(line) as ServerEvent);
        if (events.at(-1)?.kind === "deleted") isSeen.resolve();
      }
    }
  })();
  await put(board, "s", Array.from({ length: 40 }, String));
  await Bun.sleep(300);
  expect(events.at(-1)).toEqual({
    kind: "session",
    id: "ses_1",
    messages: 40,
    lastMessageAt: day + 39_000,
  });
  expect(events.length).toBeLessThan(15);
  await board.send("sessions/ses_1", { method: "DELETE" });
  await isSeen.promise;
  expect(events.at(-1)).toEqual({ kind: "deleted", id: "ses_1" });
  leave.abort();
  await reading.catch(() => {});
});

test("a server with open pages stops at once", async () => {
  await using board = await testDashboard();
  const answers = await Promise.all([board.send("events"), board.send("events")]);
  const startedAt = performance.now();
  await board.server.stop();
  expect(performance.now() - startedAt).toBeLessThan(1500);
  for (const answer of answers) await answer.text().catch(() => {});
});
