import { describe, expect, test } from "bun:test";

import { piTargets } from "../support/pi/install.ts";
import { piSandbox } from "../support/pi/sandbox.ts";
import { until } from "../support/pi/until.ts";
import { testServer } from "../support/server.ts";

const targets = await piTargets();

type Pi = ReturnType<Awaited<ReturnType<typeof piSandbox>>["rpc"]>;

/** What `/opensync open` says, where no browser can be opened. */
async function askToOpen(pi: Pi): Promise<string> {
  await pi.ask("prompt", { message: "/opensync open" });
  const said = await until("an answer", () =>
    pi.notices().find(({ message }) => message.includes("http://")),
  );
  return said.message;
}

describe.each(targets)("$name", (target) => {
  test("/opensync open leads to the session, and lets the person in", async () => {
    await using cloud = await testServer();
    const { url, apiKey } = cloud.server;
    await using sandbox = await piSandbox({ target, config: { url, apiKey } });
    await using pi = sandbox.rpc();
    const [, address = ""] = /^Open (\S+) in a browser\.$/.exec(await askToOpen(pi))!;
    const { origin, pathname, hash } = new URL(address);
    expect(origin).toBe(url);
    expect(pathname).toMatch(/^\/sessions\/pi%3A[\w-]{36}$/);
    const body = JSON.stringify({ link: hash.replace("#login=", "") });
    const login = await fetch(`${url}/dashboard/api/login`, { method: "POST", body });
    expect(login.status).toBe(200);
  }, 30_000);

  test("/opensync open tells how to start a server that does not run", async () => {
    await using cloud = await testServer();
    const { url, apiKey } = cloud.server;
    await cloud.server.stop();
    await using sandbox = await piSandbox({ target, config: { url, apiKey } });
    await using pi = sandbox.rpc();
    const said = await askToOpen(pi);
    expect(said).toContain(`The server at ${url} is not running.`);
    expect(said).toContain("pi-opensync serve --backfill --port");
  }, 30_000);
});
