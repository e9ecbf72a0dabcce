/** Proxies and own certificate authorities, by the usual variables. */

import { describe, expect, test } from "bun:test";
import { readFile, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { hasOpenssl } from "../support/certificate.ts";
import { commandHome, servedHome } from "../support/command-home.ts";
import { SessionBuilder } from "../support/session.ts";
import { tempDir } from "../support/temp.ts";

/** A proxy that leads every tunnel to one port, and writes down what it is asked for. */
async function proxyTo(port: number) {
  const asked: string[] = [];
  const server = createServer((client) => {
    client.on("error", () => {});
    client.once("data", (bytes) => {
      const head = bytes.toString("latin1");
      asked.push(head);
      if (!head.startsWith("CONNECT ")) {
        client.end("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
        return;
      }
      const upstream = connect(port, "127.0.0.1", () => {
        client.write("HTTP/1.1 200 OK\r\n\r\n");
        client.pipe(upstream).pipe(client);
      });
      upstream.on("error", () => client.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${own}`,
    asked,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}

/** A certificate for localhost and opensync.test, and the authority that signed it. */
async function certificates(dir: string) {
  const openssl = (...args: string[]): void => {
    const { success, stderr } = Bun.spawnSync(["openssl", ...args], { cwd: dir });
    if (!success) throw new Error(stderr.toString());
  };
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const authority = ["-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test authority"];
  openssl("req", "-x509", ...newKey, ...authority);
  openssl("req", ...newKey, "-keyout", "key.pem", "-out", "request.pem", "-subj", "/CN=localhost");
  await writeFile(join(dir, "names"), "subjectAltName=DNS:localhost,DNS:opensync.test\n");
  const signing = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names"];
  openssl("x509", "-req", "-in", "request.pem", ...signing, "-out", "cert.pem");
  return {
    authority: join(dir, "ca.pem"),
    key: await readFile(join(dir, "key.pem"), "utf8"),
    cert: await readFile(join(dir, "cert.pem"), "utf8"),
  };
}

/** A home with a session, and the embedded server behind TLS. */
async function setUp() {
  const home = await servedHome();
  const session = new SessionBuilder();
  session.user("hello");
  await home.addSession(session);
  const dir = await tempDir();
  const { authority, ...tls } = await certificates(dir.path);
  const front = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    tls,
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const { method, headers } = request;
      return fetch(`${home.server.url}${pathname}${search}`, {
        method,
        headers: { authorization: headers.get("authorization") ?? "" },
        ...(method === "POST" && { body: await request.text() }),
      });
    },
  });
  const { port } = front;
  const proxy = await proxyTo(port ?? 0);
  return {
    home,
    proxy,
    authority,
    port,
    backfill: (url: string, env: Record<string, string>) =>
      home.run(["backfill"], { env: { PI_OPENSYNC_CONVEX_URL: url, ...env } }),
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await front.stop(true);
      await dir[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

describe.if(hasOpenssl)("certificates of an authority of one's own", () => {
  test.each(["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"])("are trusted with %s", async (variable) => {
    await using at = await setUp();
    const url = `https://localhost:${at.port}`;
    expect((await at.backfill(url, { [variable]: at.authority })).exitCode).toBe(0);
    expect(await at.home.stored()).toEqual({ hello: 1 });
  });

  test("are not trusted without, and the error says what to do", async () => {
    await using at = await setUp();
    const { exitCode, stderr } = await at.backfill(`https://localhost:${at.port}`, {});
    expect(exitCode).toBe(5);
    expect(stderr).toContain("NODE_EXTRA_CA_CERTS");
    expect(await at.home.stored()).toEqual({});
  });
});

describe.if(hasOpenssl)("a proxy", () => {
  test.each(["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])(
    "of %s leads to the server, and does not see the key",
    async (variable) => {
      await using at = await setUp();
      const env = { [variable]: at.proxy.url, NODE_EXTRA_CA_CERTS: at.authority };
      const { exitCode } = await at.backfill("https://opensync.test", env);
      expect(exitCode).toBe(0);
      expect(await at.home.stored()).toEqual({ hello: 1 });
      expect(at.proxy.asked[0]).toStartWith("CONNECT opensync.test:443 ");
      expect(at.proxy.asked.join("")).not.toContain("osk_");
    },
  );

  test("is left out for hosts of NO_PROXY", async () => {
    await using at = await setUp();
    const env = {
      HTTPS_PROXY: at.proxy.url,
      NO_PROXY: "opensync.test",
      NODE_EXTRA_CA_CERTS: at.authority,
    };
    const client = at.home.run(["retarget", "https://opensync.test", "--key-stdin", "--dry-run"], {
      env,
      stdin: "osk_key",
    });
    expect((await client).exitCode).toBe(5);
    expect(at.proxy.asked).toEqual([]);
  });
});

test("a proxy never sees a key that goes to this machine", async () => {
  await using home = await servedHome();
  await using proxy = await proxyTo(0);
  const session = new SessionBuilder();
  session.user("hello");
  await home.addSession(session);
  for (const variable of ["HTTP_PROXY", "http_proxy", "ALL_PROXY"]) {
    const { exitCode } = await home.run(["backfill", "--force"], {
      env: { [variable]: proxy.url, no_proxy: "elsewhere.example" },
    });
    expect(exitCode).toBe(0);
  }
  expect(proxy.asked).toEqual([]);
});

test("a key stays with the person: not in the arguments of a process, nor in what is printed", async () => {
  await using home = await commandHome();
  const key = `osk_${"k".repeat(32)}`;
  await home.writeConfig({ url: "http://127.0.0.1:9", apiKey: key });
  const session = new SessionBuilder();
  session.user("hello");
  await home.addSession(session);
  for (const line of [
    ["status"],
    ["list"],
    ["sync"],
    ["config"],
    ["config", "get", "apiKey"],
    ["open"],
  ]) {
    for (const args of [
      [...line, "--verbose"],
      [...line, "--json"],
    ]) {
      const { stdout, stderr } = await home.run(args);
      expect(stdout + stderr).not.toContain(key);
    }
  }
});
