import { expect, test } from "bun:test";

import type { AppError } from "../../../lib/errors.ts";
import { findDashboard } from "../../../lib/opensync/find-dashboard.ts";
import { testServer } from "../../support/server.ts";

const target = (baseUrl: string, apiKey: string) => ({
  baseUrl,
  openTarget: () => Promise.resolve({ baseUrl, apiKey, fetch, now: Date.now }),
});

const failure = (run: Promise<string>): Promise<AppError> =>
  run.then(
    (url) => {
      throw new Error(`found ${url}`);
    },
    (error: unknown) => error as AppError,
  );

/** A server that answers everything alike. */
function always(response: () => Response) {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: response });
  const url = server.url.href.replace(/\/$/, "");
  return { url, [Symbol.asyncDispose]: () => server.stop(true) };
}

test("OpenSync's dashboard needs no key", async () => {
  const openTarget = () => Promise.reject(new Error("asked for the key"));
  const baseUrl = "https://api.opensync.dev";
  expect(await findDashboard({ baseUrl, openTarget })).toBe("https://app.opensync.dev");
});

test("the server on this machine adds what lets a person in, once", async () => {
  await using running = await testServer();
  const { url, apiKey } = running.server;
  const opened = await findDashboard({ ...target(url, apiKey), externalId: "pi:a/b" });
  expect(opened).toStartWith(`${url}/sessions/pi%3Aa%2Fb#login=`);
  const link = new URL(opened).hash.replace("#login=", "");
  const logIn = () =>
    fetch(`${url}/dashboard/api/login`, { method: "POST", body: JSON.stringify({ link }) });
  expect((await logIn()).status).toBe(200);
  expect((await logIn()).status).toBe(401);
  expect(await findDashboard(target(url, apiKey))).toStartWith(`${url}/#login=`);
});

test("a server that does not run is an error that tells how to start it", async () => {
  await using running = await testServer();
  const { url, apiKey } = running.server;
  await running.server.stop();
  const error = await failure(findDashboard(target(url, apiKey)));
  expect(error.message).toBe(`The server at ${url} is not running.`);
  expect(error.hint).toContain(`pi-opensync serve --backfill --port ${new URL(url).port}`);
});

test("a wrong key is an error that does not hold it", async () => {
  await using running = await testServer();
  const wrong = `osk_${"w".repeat(32)}`;
  const error = await failure(findDashboard(target(running.server.url, wrong)));
  expect(error.code).toBe("unauthorised");
  expect(error.message).not.toContain(wrong);
});

test("another OpenSync on this machine has its own way in", async () => {
  await using other = always(() => new Response("No matching routes found", { status: 404 }));
  expect(await findDashboard(target(other.url, "osk_x"))).toBe(other.url);
});

test("only the fragment of an answer is taken: no server sends a person elsewhere", async () => {
  await using other = always(() => Response.json({ url: "https://evil.example/x#login=abc" }));
  expect(await findDashboard(target(other.url, "osk_x"))).toBe(`${other.url}/#login=abc`);
});
