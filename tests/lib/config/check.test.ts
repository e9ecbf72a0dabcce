import { expect, test } from "bun:test";

import { findTrouble } from "../../../lib/config/check.ts";
import { defaultConfig } from "../../../lib/config/schema.ts";
import type { Config } from "../../../lib/config/schema.ts";
import { OpenSyncError } from "../../../lib/opensync/failure.ts";
import { systemClock } from "../../../lib/platform/clock.ts";
import { testServer } from "../../support/server.ts";

const wrongKey = `osk_${"w".repeat(32)}`;

/** The trouble, and the requests that were made to find it. */
async function check(config: Partial<Config>, env: Record<string, string> = {}) {
  const requests: string[] = [];
  const trouble = await findTrouble(
    { ...defaultConfig(), ...config },
    {
      env,
      clock: systemClock,
      signal: new AbortController().signal,
      fetch: (url, init) => {
        requests.push(`${init.method} ${new URL(url).pathname}`);
        return fetch(url, init);
      },
    },
  );
  return { trouble, requests };
}

/** A web server that knows nothing of OpenSync. */
function servePage() {
  const headers = { "content-type": "text/html" };
  const server = Bun.serve({ port: 0, fetch: () => new Response("<h1>Hello</h1>", { headers }) });
  return { url: server.url, [Symbol.asyncDispose]: () => server.stop(true) };
}

test("a server that takes the key is no trouble, and only read from", async () => {
  await using server = await testServer();
  const { url, apiKey } = server.server;
  const { trouble, requests } = await check({ url, apiKey: "$MY_KEY" }, { MY_KEY: apiKey });
  expect(trouble).toBeUndefined();
  expect(requests).toEqual(["GET /health", "GET /api/sessions"]);
});

test("a wrong key, a web page and no server are told of in OpenSync's words", async () => {
  await using server = await testServer();
  await using page = servePage();
  const { url, apiKey } = server.server;
  const kinds: (string | undefined)[] = [];
  for (const config of [
    { url, apiKey: wrongKey },
    { url: page.url.href, apiKey },
    { url: "http://127.0.0.1:1", apiKey },
  ]) {
    const { trouble } = await check(config);
    expect(trouble).toBeInstanceOf(OpenSyncError);
    expect(`${trouble?.message} ${trouble?.hint}`).not.toContain(config.apiKey);
    kinds.push((trouble as OpenSyncError).kind);
  }
  expect(kinds).toEqual(["unauthorised", "not-opensync", "unreachable"]);
});

test("an address that would send the key in clear is never asked", async () => {
  const { trouble, requests } = await check({ url: "http://a.example", apiKey: wrongKey });
  expect(trouble?.message).toContain("in clear");
  expect(requests).toEqual([]);
});

test("a key in a variable that is not set is told of", async () => {
  const { trouble } = await check({ url: "https://a.example", apiKey: "$NO_KEY" });
  expect(trouble?.message).toContain("NO_KEY, which is not set");
});

test("without a server or a key there is nothing to ask", async () => {
  for (const config of [{ url: "https://a.example" }, { apiKey: wrongKey }]) {
    expect(await check(config)).toEqual({ trouble: undefined, requests: [] });
  }
});

test("an end that was asked for is passed on", async () => {
  await using server = await testServer();
  const { url, apiKey } = server.server;
  const signal = AbortSignal.abort(new Error("enough"));
  const checking = findTrouble(
    { ...defaultConfig(), url, apiKey },
    { env: {}, clock: systemClock, fetch, signal },
  );
  await expect(checking).rejects.toThrow("enough");
});
