/** Who gets in: in a real browser, with pages of other servers that would like to. */

import { expect, test } from "bun:test";

import { reboundName } from "../support/browser.ts";
import type { View } from "../support/browser.ts";
import { apiOf, sendSamples } from "../support/dashboard-corpus.ts";
import { dashboardInBrowser } from "../support/dashboard-in-browser.ts";
import { testServer } from "../support/server.ts";

const title = "Monthly report takes forty seconds";
const dashboard = dashboardInBrowser(sendSamples);

/** A server with one page, which others made. */
function foreignSite(html: string) {
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => new Response(html, { headers: { "content-type": "text/html" } }),
  });
  return { url: server.url.href, [Symbol.asyncDispose]: () => server.stop(true) };
}

const stored = "Object.keys(localStorage).length";

test("a link lets in, leaves the address, and the browser stays in", async () => {
  await using view = await dashboard.open();
  await view.sees(title);
  expect(await view.run("location.href")).toBe(`${dashboard.server.url}/`);
  await view.page.reload();
  await view.sees(title);
  await view.goto(`${dashboard.server.url}/overview`);
  await view.sees("Overview");
  expect(view.requests.filter((url) => url.includes("login="))).toEqual([]);
});

test("a link to a session leads there", async () => {
  const path = "/sessions/pi:019e8b42-7d10-7f31-8c04-2b9e4a6d1c04";
  await using view = await dashboard.open(path);
  await view.sees(title);
  await view.sees("It should be there in one.");
  expect(await view.run("location.href")).toBe(dashboard.server.url + path);
});

test("a link is good once", async () => {
  const link = dashboard.server.createLink();
  await using first = await dashboard.browser.open(link);
  await first.sees(title);
  await using second = await dashboard.browser.open(link);
  await second.sees("was used before");
  await second.sees("pi-opensync open");
  expect(await second.run("document.body.innerText")).not.toContain(title);
  expect(await second.run(stored)).toBe(0);
  expect(await second.run("location.href")).toBe(`${dashboard.server.url}/`);
});

test("a used link does not put out who is in", async () => {
  const link = dashboard.server.createLink();
  await using view = await dashboard.browser.open(link);
  await view.sees(title);
  await view.goto("about:blank");
  await view.goto(link);
  await view.sees(title);
});

test("without a link there is nothing but how to get one", async () => {
  for (const path of ["/", "/overview", "/sessions/ses_1", "/#login=", "/#login=%", "/#login=x"]) {
    await using view = await dashboard.browser.open(dashboard.server.url + path);
    await view.sees("pi-opensync open");
    expect(await view.run("document.body.innerText")).not.toContain(title);
  }
});

test("a token that the server does not know ends at the way in, in every tab", async () => {
  await using view = await dashboard.open();
  await view.sees(title);
  await view.run(`{
    const [key] = Object.keys(localStorage);
    const login = JSON.parse(localStorage[key]);
    localStorage[key] = JSON.stringify({ ...login, token: login.token.replace(/.(?=.{20}$)/, (c) => (c === "A" ? "B" : "A")) });
  }`);
  await view.page.reload();
  await view.sees("pi-opensync open");
  expect(await view.run(stored)).toBe(0);
});

test("another server on this machine sees nothing of the way in, also on the same port's other name", async () => {
  await using other = await testServer();
  await using view = await dashboard.open();
  await view.sees(title);
  const { port } = new URL(dashboard.server.url);
  for (const url of [other.server.url, `http://localhost:${port}`]) {
    await view.goto(url);
    await view.sees("pi-opensync open");
    expect(await view.run(stored)).toBe(0);
    expect(await view.run("document.cookie")).toBe("");
  }
});

test("a name of the web that leads here gets no answer", async () => {
  const { port } = new URL(dashboard.server.url);
  await using view = await dashboard.browser.open(`http://${reboundName}:${port}/`, {
    isForeign: true,
  });
  await view.sees("answers to localhost only");
  const asked = ["/", "/dashboard/api/sessions", "/api/sessions", "/health"];
  for (const path of asked) {
    const status = `fetch(${JSON.stringify(path)}).then((answer) => answer.status)`;
    expect([path, await view.run(status)]).toEqual([path, 403]);
  }
});

/** What a foreign page gets of each try, in words. */
async function tryFrom(view: View, expression: string): Promise<string> {
  return view.run(
    `Promise.resolve().then(() => ${expression}).then(String, (error) => "refused: " + error.name)`,
  );
}

test("a page of another server reads nothing, while the person is in", async () => {
  await using site = await foreignSite("<title>foreign</title><body>");
  await using view = await dashboard.open("/", { isForeign: true });
  await view.sees(title);
  const token = await view.run<string>("JSON.parse(Object.values(localStorage)[0]).token");
  await view.goto(site.url);

  const own = JSON.stringify(dashboard.server.url);
  const bearer = `{ headers: { authorization: "Bearer " + ${JSON.stringify(token)} } }`;
  const paths = ["/", "/sessions/ses_1", "/dashboard/api/sessions", "/dashboard/api/events"];
  for (const path of paths) {
    const url = `${own} + ${JSON.stringify(path)}`;
    const tries = [
      `fetch(${url})`,
      `fetch(${url}, ${bearer})`,
      `fetch(${url}, { credentials: "include" })`,
      `fetch(${url}, { mode: "no-cors" })`,
    ];
    for (const expression of tries) {
      expect([expression, await tryFrom(view, expression)]).toEqual([
        expression,
        "refused: TypeError",
      ]);
    }
  }

  const element = (tag: string, attribute: string, path: string): string =>
    `new Promise((resolve) => {
      const e = document.createElement(${JSON.stringify(tag)});
      e.onload = () => resolve("loaded");
      e.onerror = () => resolve("failed");
      e[${JSON.stringify(attribute)}] = ${own} + ${JSON.stringify(path)};
      document.body.append(e);
    })`;
  const [, script = ""] = (await (await fetch(dashboard.server.url)).text()).match(
    /src="([^"]+\.js)"/,
  )!;
  expect(await tryFrom(view, element("script", "src", script))).toBe("failed");
  expect(await tryFrom(view, element("img", "src", "/sessions/ses_1"))).toBe("failed");

  await tryFrom(view, element("iframe", "src", "/"));
  const frame = view.page.frames().find((frame) => frame.parentFrame() !== null)!;
  expect(frame.url()).not.toStartWith(dashboard.server.url);

  await tryFrom(
    view,
    `{ const opened = open(${own}); new Promise((r) => setTimeout(r, 500)).then(() => opened.document.title) }`,
  );
  expect(await tryFrom(view, `open(${own})?.document?.title ?? "closed"`)).not.toContain(
    "Sessions",
  );
});

test("a page of another server changes nothing, while the person is in", async () => {
  await using site = await foreignSite("<body>");
  await using view = await dashboard.open("/", { isForeign: true });
  await view.sees(title);
  await view.goto(site.url);
  const own = JSON.stringify(dashboard.server.url);
  const session = `${own} + "/dashboard/api/sessions/ses_1"`;
  const text = `{ method: "POST", mode: "no-cors", body: JSON.stringify({ externalId: "planted", title: "planted" }) }`;
  const tries = [
    `fetch(${session}, { method: "DELETE" })`,
    `fetch(${session}, { method: "POST", mode: "no-cors", headers: { "x-http-method-override": "DELETE" } })`,
    `fetch(${own} + "/sync/session", ${text})`,
    `fetch(${own} + "/dashboard/api/links", { method: "POST", mode: "no-cors" })`,
    `navigator.sendBeacon(${own} + "/sync/session", JSON.stringify({ externalId: "planted" }))`,
  ];
  for (const expression of tries) await tryFrom(view, expression);
  await view.run(`{
    const form = document.createElement("form");
    form.method = "post";
    form.enctype = "text/plain";
    form.action = ${own} + "/sync/session";
    form.innerHTML = '<input name=\\'{"externalId":"planted","x":"\\' value=\\'"}\\'>';
    document.body.append(form);
    form.submit();
  }`);
  await view.when(`location.href.startsWith(${own})`);
  const { sessions } = (await apiOf(dashboard.server).get("/api/sessions")).body;
  expect(sessions).toHaveLength(4);
  expect(JSON.stringify(sessions)).not.toContain("planted");
});
