import { expect, test } from "bun:test";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AppError } from "../../../lib/errors.ts";
import { type Server, startServer } from "../../../lib/server/serve.ts";
import { type Api, connect, type Target } from "../../contract/opensync/client.ts";
import { type TempDir, tempDir } from "../../support/temp.ts";

/** A server that ends with its scope. */
async function serve(dir: TempDir, options: { port?: number; hostname?: string } = {}) {
  const server = await startServer({ dataDir: join(dir.path, "data"), port: 0, ...options });
  return { ...server, [Symbol.asyncDispose]: () => server.stop() };
}

const apiOf = ({ url, apiKey }: Server): Api => connect({ baseUrl: url, apiKey });
const message = (session: string, name: string) => ({
  sessionExternalId: session,
  externalId: `${session}:${name}`,
  role: "user",
  parts: [{ type: "text", content: `word${name}` }],
});

test("a restart keeps the key, the sessions, their ids and what search finds", async () => {
  await using dir = await tempDir();
  const first = await serve(dir);
  await apiOf(first).putMessage(message("s", "1"));
  const before = await apiOf(first).read("ses_1");
  await first.stop();
  await using second = await serve(dir);
  expect(second.apiKey).toBe(first.apiKey);
  expect(second.databaseId).toBe(first.databaseId);
  expect(await apiOf(second).read("ses_1")).toEqual(before);
  expect((await apiOf(second).get("/api/search", { q: "word1" })).body.results).toHaveLength(1);
});

test("a server without a socket and one with it are the same", async () => {
  await using dir = await tempDir();
  await using server = await serve(dir);
  const { apiKey, fetch } = server;
  const inside = connect({ baseUrl: "http://anything", apiKey, fetch });
  const id = await inside.putSession({ externalId: "s", title: "T" });
  expect((await apiOf(server).read(id)).session.title).toBe("T");
});

test("only this machine's names are answered to", async () => {
  await using dir = await tempDir();
  await using server = await serve(dir);
  const status = async (host: string) =>
    (await apiOf(server).request("GET", "/health", { host })).status;
  for (const host of ["localhost", "LOCALHOST:80", "127.0.0.1:9", "127.1.2.3", "[::1]:4747"]) {
    expect([host, await status(host)]).toEqual([host, 200]);
  }
  const foreign = [
    "evil.example",
    "localhost.evil.example:4747",
    "127.0.0.1.evil.example",
    "192.168.0.1",
  ];
  for (const host of foreign) expect([host, await status(host)]).toEqual([host, 403]);
});

test("a server that others may reach answers to any name", async () => {
  await using dir = await tempDir();
  await using server = await serve(dir, { hostname: "0.0.0.0" });
  const url = server.url.replace("0.0.0.0", "127.0.0.1");
  const response = await fetch(`${url}/health`, { headers: { host: "server.example" } });
  expect(response.status).toBe(200);
});

/** What a person's page gets in exchange for a link. */
async function logIn(link: string): Promise<string> {
  const { origin, hash } = new URL(link);
  const body = JSON.stringify({ link: hash.replace("#login=", "") });
  const answer = await fetch(`${origin}/dashboard/api/login`, { method: "POST", body });
  return ((await answer.json()) as { token: string }).token;
}

test("every link leads to the server, and is another one", async () => {
  await using dir = await tempDir();
  await using server = await serve(dir);
  const links = [server.createLink(), server.createLink()];
  for (const link of links) expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#login=[\w-]{32}$/);
  expect(links[0]).not.toBe(links[1]);
  expect(await logIn(links[1]!)).toBeString();
});

test("a server on all addresses gives a link that works on this machine", async () => {
  await using dir = await tempDir();
  await using server = await serve(dir, { hostname: "0.0.0.0" });
  expect(server.createLink()).toStartWith("http://127.0.0.1:");
  expect(await logIn(server.createLink())).toBeString();
});

test("the dashboard's data is for its own page, whatever the name of this machine", async () => {
  await using dir = await tempDir();
  await using server = await serve(dir);
  const authorization = `Bearer ${await logIn(server.createLink())}`;
  const { port } = new URL(server.url);
  const status = async (origin: string, host: string) => {
    const headers = { authorization, origin, host };
    return (await fetch(`${server.url}/dashboard/api/sessions`, { headers })).status;
  };
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]) {
    expect([host, await status(`http://${host}`, host)]).toEqual([host, 200]);
  }
  const own = `127.0.0.1:${port}`;
  const others = ["http://127.0.0.1:1", "http://evil.example", `http://localhost:${port}`, "null"];
  for (const origin of others) expect([origin, await status(origin, own)]).toEqual([origin, 403]);
});

test("a page that stays open does not hold up the end", async () => {
  await using dir = await tempDir();
  const server = await serve(dir);
  const authorization = `Bearer ${await logIn(server.createLink())}`;
  const events = await fetch(`${server.url}/dashboard/api/events`, { headers: { authorization } });
  const ended = events.text();
  const started = performance.now();
  await server.stop();
  expect(performance.now() - started).toBeLessThan(1500);
  expect((await ended).trim()).toBe("");
});

test("a port that is in use is an error that names the flag", async () => {
  await using dir = await tempDir();
  await using other = await tempDir();
  await using server = await serve(dir);
  const port = Number(new URL(server.url).port);
  const error = await serve(other, { port }).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(AppError);
  expect((error as AppError).message).toContain(String(port));
  expect((error as AppError).hint).toContain("--port");
});

test("clients at the same time lose nothing", async () => {
  await using dir = await tempDir();
  await using server = await serve(dir);
  const lanes = Array.from({ length: 8 }, async (_, lane) => {
    const api = apiOf(server);
    for (let i = 0; i < 50; i++) {
      await api.putMessage(message("shared", `${lane}-${i}`));
      await api.putMessage(message(`own-${lane}`, `${i}`));
    }
  });
  await Promise.all(lanes);
  const { sessions } = (await apiOf(server).get("/api/sessions")).body;
  const counts = Object.fromEntries(
    sessions.map((session: { externalId: string; messageCount: number }) => [
      session.externalId,
      session.messageCount,
    ]),
  );
  expect(counts).toMatchObject({ shared: 400, "own-0": 50, "own-7": 50 });
  const shared = sessions.find(
    (session: { externalId: string }) => session.externalId === "shared",
  );
  expect((await apiOf(server).read(shared.id)).messages).toHaveLength(400);
});

test("stopping answers what is being answered", async () => {
  await using dir = await tempDir();
  const server = await serve(dir);
  const api = apiOf(server);
  await api.putSession({ externalId: "s" });
  const calls = Array.from({ length: 20 }, (_, i) =>
    api.post("/sync/message", message("s", `${i}`)),
  );
  const answered = Promise.allSettled(calls);
  await Bun.sleep(5);
  await server.stop();
  const ok = (await answered).filter(
    (call) => call.status === "fulfilled" && call.value.status === 200,
  );
  await using again = await serve(dir);
  const { messages } = await apiOf(again).read("ses_1");
  expect(messages.length).toBeGreaterThanOrEqual(ok.length);
});

test("what was acknowledged is there after the server is killed", async () => {
  await using dir = await tempDir();
  const script = fileURLToPath(import.meta.resolve("../../support/serve-until-killed.ts"));
  const child = Bun.spawn([process.execPath, script, join(dir.path, "data")], { stdout: "pipe" });
  const { value } = await child.stdout.getReader().read();
  const api = connect(JSON.parse(new TextDecoder().decode(value)) as Target);
  const acknowledged: string[] = [];
  const lanes = Array.from({ length: 4 }, async (_, lane) => {
    for (let i = 0; ; i++) {
      const sent = message(`s${lane}`, `${lane}x${i}`);
      const answer = await api.post("/sync/message", sent).catch(() => undefined);
      if (answer?.status !== 200) return;
      acknowledged.push(sent.externalId);
      if (acknowledged.length === 2500) child.kill("SIGKILL");
    }
  });
  await Promise.all(lanes);
  await child.exited;

  await using server = await serve(dir);
  const stored = new Set<string>();
  for (const { id } of (await apiOf(server).get("/api/sessions")).body.sessions) {
    for (const { externalId } of (await apiOf(server).read(id)).messages) stored.add(externalId);
  }
  expect(acknowledged.length).toBeGreaterThanOrEqual(2500);
  expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
  for (const id of [acknowledged[0]!, acknowledged.at(-1)!]) {
    const q = `word${id.split(":")[1]!}`;
    expect((await apiOf(server).get("/api/search", { q })).body.results).toHaveLength(1);
  }
});
