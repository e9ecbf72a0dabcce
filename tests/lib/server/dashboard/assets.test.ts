import { expect, test } from "bun:test";

import { testApp } from "../../../support/app.ts";
import type { TestApp } from "../../../support/app.ts";

const shellPaths = [
  "/",
  "/overview",
  "/sessions/ses_1",
  "/sessions/pi%3A019e742e",
  "/sessions/a%2Fb",
];

async function read(app: TestApp, path: string, headers: Record<string, string> = {}) {
  const response = await app.fetch(new Request(`http://localhost${path}`, { headers }));
  return {
    status: response.status,
    headers: response.headers,
    text: await response.text(),
  };
}

/** The paths of the files that the page names. */
async function listFiles(app: TestApp): Promise<string[]> {
  const { text } = await read(app, "/");
  return [...text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path!);
}

test("every place of the page gives the same shell, which is kept nowhere", async () => {
  await using app = await testApp();
  const shells = await Promise.all(shellPaths.map((path) => read(app, path)));
  expect(new Set(shells.map(({ text }) => text)).size).toBe(1);
  for (const { headers, status } of shells) {
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("text/html;charset=utf-8");
    expect(headers.get("cache-control")).toBe("no-store");
  }
});

test("what the shell names is there, and may be kept for ever", async () => {
  await using app = await testApp();
  const paths = await listFiles(app);
  const files = await Promise.all(paths.map((path) => read(app, path)));
  const types = files.map(({ headers }) => headers.get("content-type"));
  expect(new Set(types)).toEqual(
    new Set(["text/css;charset=utf-8", "text/javascript;charset=utf-8"]),
  );
  for (const { status, headers, text } of files) {
    expect(status).toBe(200);
    expect(text.length).toBeGreaterThan(1000);
    expect(headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  }
  for (const path of paths)
    expect(path).toMatch(/^\/dashboard\/files\/[\w.-]+-[a-z0-9]{8}\.(js|css)$/);
});

test("files are sent smaller to those that can unpack them", async () => {
  await using app = await testApp();
  for (const path of ["/", ...(await listFiles(app))]) {
    const url = `http://localhost${path}`;
    const plain = await app.fetch(new Request(url));
    const packed = await app.fetch(
      new Request(url, { headers: { "accept-encoding": "br, gzip" } }),
    );
    expect(packed.headers.get("content-encoding")).toBe("gzip");
    expect(packed.headers.get("vary")).toBe("Accept-Encoding");
    const bytes = await packed.arrayBuffer();
    expect(new TextDecoder().decode(Bun.gunzipSync(bytes))).toBe(await plain.text());
  }
});

test("other paths are nothing", async () => {
  await using app = await testApp();
  const paths = [
    "/index.html",
    "/sessions",
    "/sessions/",
    "/sessions/a/b",
    "/overview/",
    "/dashboard",
    "/dashboard/files/",
    "/dashboard/files/index.html",
    "/dashboard/files/..%2f..%2fpackage.json",
    "/dashboard/files/constructor",
  ];
  for (const path of paths) expect([path, (await read(app, path)).status]).toEqual([path, 404]);
  const post = await app.fetch(new Request("http://localhost/", { method: "POST" }));
  expect(post.status).toBe(404);
});

test("HEAD gives what GET gives, but for the page itself", async () => {
  await using app = await testApp();
  for (const path of ["/", ...(await listFiles(app))]) {
    const head = await app.fetch(new Request(`http://localhost${path}`, { method: "HEAD" }));
    const get = await app.fetch(new Request(`http://localhost${path}`));
    expect(head.status).toBe(200);
    expect(Object.fromEntries(head.headers)).toEqual(Object.fromEntries(get.headers));
    expect(await head.text()).toBe("");
  }
});

test("the browser is told to run nothing but the page's own code, and to load nothing from elsewhere", async () => {
  await using app = await testApp();
  for (const path of ["/", ...(await listFiles(app))]) {
    const { headers } = await read(app, path);
    const policy = headers.get("content-security-policy")!.split("; ");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("connect-src 'self'");
    expect(policy).toContain("base-uri 'none'");
    expect(policy).toContain("form-action 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy.join()).not.toMatch(/unsafe|\*|https?:/);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
    expect(headers.get("cross-origin-opener-policy")).toBe("same-origin");
    expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
    expect(headers.has("access-control-allow-origin")).toBe(false);
  }
});
