import { expect, test } from "bun:test";
import { testServer } from "../../../support/server.ts";

/** Only the superuser can become another user. */
const canBeAnother =
  process.platform === "linux" &&
  process.getuid?.() === 0 &&
  Bun.which("setpriv") !== null &&
  Bun.which("curl") !== null;

/** Tries a link as another user of this machine, by a path that is written otherwise; gives the status. */
async function tryAsAnother(address: string, port: string, link: string): Promise<string> {
  const url = `http://${address}:${port}/dashboard/api/l%6fgin?x`;
  const body = JSON.stringify({ link });
  const curl = ["curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}"];
  const request = ["--header", "Host: 127.0.0.1", "--data", body, url];
  const child = Bun.spawn(["setpriv", "--reuid=65534", "--clear-groups", ...curl, ...request]);
  return new Response(child.stdout).text();
}

test.skipIf(!canBeAnother)("a link does not let in another user who saw it", async () => {
  await using at = await testServer();
  const { hash, port } = new URL(at.server.createLink());
  const link = hash.replace("#login=", "");
  expect(await tryAsAnother("127.0.0.1", port, link)).toBe("403");
  // The same address, over a socket of the other kind.
  expect(await tryAsAnother("[::ffff:127.0.0.1]", port, link)).toBe("403");
  const body = JSON.stringify({ link });
  const init = { method: "POST", body };
  expect((await fetch(`${at.server.url}/dashboard/api/login`, init)).status).toBe(200);
});
