/** What stands in sessions is hostile: all of it is shown, and none of it runs, loads or changes anything. */

import { expect, test } from "bun:test";

import type { View } from "../support/browser.ts";
import { apiOf } from "../support/dashboard-corpus.ts";
import { dashboardInBrowser } from "../support/dashboard-in-browser.ts";
import { xssPayloads } from "../support/xss-payloads.ts";

const dashboard = dashboardInBrowser(async () => {
  await Promise.all(xssPayloads.map((payload, number) => sendSession(number, payload)));
  await sendConversation();
});

/** A session with a payload in each of its fields. */
async function sendSession(number: number, payload: string): Promise<void> {
  const api = apiOf(dashboard.server);
  const id = `x:${number}`;
  await api.putSession({
    externalId: `${id}:${payload}`,
    title: `w${number}a ${payload} w${number}z`,
    projectPath: `/home/ada/${payload}`,
    projectName: payload,
    model: payload,
    provider: payload,
    source: payload,
    promptTokens: 10,
    cost: 0.01,
  });
  await api.putMessage({
    sessionExternalId: `${id}:${payload}`,
    externalId: `${id}:${payload}:1`,
    role: "user",
    parts: [{ type: "text", content: `zebra ${payload}` }],
  });
}

/** One session with all payloads in all the places of its messages. */
async function sendConversation(): Promise<void> {
  const api = apiOf(dashboard.server);
  await api.putSession({ externalId: "all", title: "All of them", source: "pi" });
  for (const [number, payload] of xssPayloads.entries()) {
    for (const [place, message] of messagesWith(number, payload).entries()) {
      await api.putMessage({
        sessionExternalId: "all",
        externalId: `all:${number}:${place}:${payload}`,
        createdAt: Date.UTC(2026, 0, 1) + number * 60_000 + place * 1000,
        ...message,
      });
    }
  }
}

function messagesWith(number: number, payload: string): Record<string, unknown>[] {
  const text = `w${number}a\n\n${payload}\n\nw${number}z`;
  const call = (name: string, args: unknown, result: string) => {
    const toolCallId = `${payload}${name}`;
    return [
      {
        role: "assistant",
        model: payload,
        parts: [{ type: "tool-call", content: { toolCallId, name, args } }],
      },
      {
        role: "tool",
        parts: [{ type: "tool-result", content: { toolCallId, name, result, isError: true } }],
      },
    ];
  };
  return [
    { role: "user", parts: [{ type: "text", content: text }] },
    { role: "assistant", textContent: text, model: payload, promptTokens: 1, parts: [] },
    {
      role: "assistant",
      parts: [
        { type: "text", content: `> **Thinking**\n>\n> ${payload.replaceAll("\n", "\n> ")}` },
        { type: "text", content: `[aborted] ${payload}` },
      ],
    },
    { role: "system", parts: [{ type: "text", content: `[compaction of ${payload}]\n\n${text}` }] },
    { role: "system", parts: [{ type: "text", content: `[went back to ${payload}]` }] },
    { role: "unknown", textContent: text, parts: [{ type: "text", content: text }] },
    ...call(payload, { query: payload, list: [payload, { deep: payload }] }, `result ${payload}`),
    ...call("bash", { command: payload, timeout: payload }, payload),
    ...call("edit", { path: payload, edits: [{ oldText: "a", newText: payload }] }, payload),
    ...call("write", { path: `${payload}.html`, content: payload }, payload),
    ...call("read", { path: "page.html" }, payload),
    ...call("Edit", { file_path: "x.svg", diff: `@@ -1 +1 @@\n-a\n+${payload}` }, payload),
    ...call("strings", JSON.stringify({ url: payload }), payload),
    {
      role: "assistant",
      parts: [
        { type: payload, content: payload },
        { type: "image", content: { url: payload, data: payload, mimeType: payload } },
        { type: "html", content: { html: payload, __html: payload } },
        { type: "tool-call", content: payload },
        { type: "tool-result", content: [payload, null, 7] },
        { type: "text", content: { text: payload } },
        { type: "thinking", content: { thinking: payload } },
      ],
    },
  ];
}

/** What has no business on the page, wherever it is. */
const findIntruders = `(() => {
  const all = [...document.querySelectorAll("body *")];
  const tags = "script,style,link,meta,base,iframe,frame,object,embed,applet,portal,template,form,img,image,video,audio,source,math,foreignObject,use,animate,marquee,isindex,map,slot";
  const attributes = (e) => [...e.attributes].map((a) => a.name);
  const own = all.filter((e) => !e.closest("noscript"));
  return [
    ...own.filter((e) => e.matches(tags)),
    ...own.filter((e) => attributes(e).some((name) => /^on|^src|srcdoc|formaction|xlink|^ping$|popover|shadowroot/.test(name))),
    ...own.filter((e) => e.closest(".markdown, pre") && attributes(e).some((name) => /^(id|name|style|contenteditable)$/i.test(name) || (name === "tabindex" && e.tagName !== "PRE"))),
    ...own.filter((e) => e.matches("a[href]") && !/^(https?:|mailto:|blob:)/.test(e.href)),
    ...own.filter((e) => e.matches("a[href]") && e.origin !== location.origin && (e.target !== "_blank" || !/noopener/.test(e.rel))),
    ...[...document.body.children].filter((e) => e.id !== "app" && e.tagName !== "NOSCRIPT"),
    ...[...document.head.children].filter((e) => !["META", "TITLE", "LINK", "SCRIPT", "STYLE"].includes(e.tagName)),
  ].map((e) => e.outerHTML.slice(0, 300));
})()`;

/** That nothing happened on a page so far. */
async function expectHarmless(view: View): Promise<void> {
  expect(view.breaches).toEqual([]);
  expect(await view.run<string[]>(findIntruders)).toEqual([]);
  expect(await view.run("[window.__xss, {}.polluted].map(String).join()")).toBe(
    "undefined,undefined",
  );
  expect(await view.run("location.origin")).toBe(dashboard.server.url);
}

/** Goes through a page from its top to its end, and calls `look` at each place. */
async function goThrough(view: View, look: () => Promise<void>): Promise<void> {
  const atEnd = "scrollY + innerHeight >= document.documentElement.scrollHeight - 2";
  await view.run("scrollTo(0, 0)");
  for (let place = 0; place < 2000; place++) {
    await look();
    if (await view.run<boolean>(atEnd)) return;
    await view.run("scrollBy(0, innerHeight * 0.9)");
    await view.run("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 60)))");
  }
  throw new Error("the page has no end");
}

/** The markers of payloads whose beginning and end can be read in a text. */
function markersIn(text: string): string[] {
  return text.match(/w\d+[az]\b/g) ?? [];
}

const allMarkers = xssPayloads.flatMap((_, number) => [`w${number}a`, `w${number}z`]).sort();

test("what a test looks for can happen: a page without our care shows it", async () => {
  await using site = await carelessSite();
  await using view = await dashboard.browser.open(site.url, { isForeign: true });
  await view.when("window.__xss === 1 && document.title === 'after the dialog'");
  expect(await view.run<string[]>(findIntruders)).not.toEqual([]);
  expect(view.breaches.filter((breach) => breach.includes("xss.example"))).not.toEqual([]);
  expect(view.breaches.filter((breach) => breach.startsWith("dialog"))).not.toEqual([]);
}, 30_000);

/** A server whose page holds payloads as they are. */
async function carelessSite() {
  const html = [
    "<body><div id=app>",
    "<img src=x onerror='window.__xss=1'>",
    "<img src='https://xss.example/pixel.png'>",
    "<script>setTimeout(() => { alert(1); document.title = 'after the dialog'; }, 50)</script>",
  ].join("\n");
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => new Response(html, { headers: { "content-type": "text/html" } }),
  });
  return { url: server.url.href, [Symbol.asyncDispose]: () => server.stop(true) };
}

test("in titles, projects, models and sources: the list and its filters", async () => {
  await using view = await dashboard.open("/", { height: 2000 });
  await view.when('document.querySelector(".row .title a")');
  const found = new Set<string>();
  await goThrough(view, async () => {
    await expectHarmless(view);
    for (const title of await view.texts(".row .title"))
      markersIn(title).forEach((m) => found.add(m));
  });
  // SQLite takes a null character for the end of a text.
  const isWhole = (marker: string): boolean =>
    !xssPayloads[parseInt(marker.slice(1), 10)]!.includes("\0");
  expect(allMarkers.filter((marker) => isWhole(marker) && !found.has(marker))).toEqual([]);
  const [payload = ""] = xssPayloads;
  for (const [field, value] of [
    ["project", `/home/ada/${payload}`],
    ["model", payload],
    ["source", payload],
  ] as const) {
    await view.goto(`${dashboard.server.url}/?${field}=${encodeURIComponent(value)}`);
    await view.sees("w0a");
    await expectHarmless(view);
  }
}, 60_000);

test("in hits of a search, and in what is searched for", async () => {
  await using view = await dashboard.open("/?q=zebra");
  await view.when('document.querySelectorAll("mark").length >= 50');
  await goThrough(view, () => expectHarmless(view));
  for (const payload of xssPayloads.slice(0, 40)) {
    await view.goto(`${dashboard.server.url}/?q=${encodeURIComponent(payload)}`);
    await view.when('document.querySelector("section[aria-busy=false]")');
    await expectHarmless(view);
  }
}, 60_000);

test("in every part of every message of a session, with all that folds open", async () => {
  await using view = await dashboard.open("/sessions/all", { height: 3000 });
  await view.when('document.querySelector("article")');
  const found = new Set<string>();
  const outputs = new Set<string>();
  await goThrough(view, async () => {
    await view.run(
      'document.querySelectorAll("details:not([open]):not(.menu)").forEach((e) => (e.open = true))',
    );
    await view.run("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 60)))");
    await expectHarmless(view);
    for (const text of await view.texts("article")) markersIn(text).forEach((m) => found.add(m));
    for (const text of await view.texts(".output pre")) outputs.add(text.trim());
  });
  expect([...found].sort()).toEqual(allMarkers);
  // oxlint-disable-next-line no-control-regex -- what is not shown as it is
  const isPlain = (text: string): boolean =>
    !/[\u0000-\u0008\u001b\u202a-\u202e\u2066-\u2069]/.test(text);
  const plain = xssPayloads.filter((payload) => isPlain(payload) && !payload.includes("\t"));
  expect(plain.filter((payload) => !outputs.has(payload.trim()))).toEqual([]);
}, 120_000);

test("in the addresses of sessions and messages", async () => {
  for (const number of [0, 12, 30, 60, 90]) {
    const payload = xssPayloads[number]!;
    const path = `/sessions/${encodeURIComponent(`x:${number}:${payload}`)}`;
    await using view = await dashboard.open(path);
    await view.sees(`w${number}a`);
    await expectHarmless(view);
    await view.run(`location.hash = "#m-" + ${JSON.stringify(encodeURIComponent(payload))}`);
    await view.run("new Promise((done) => setTimeout(done, 100))");
    await expectHarmless(view);
  }
}, 60_000);

test("in the overview", async () => {
  await using view = await dashboard.open("/overview");
  await view.sees("Most used tools");
  await view.run('document.querySelectorAll("details").forEach((e) => (e.open = true))');
  await goThrough(view, () => expectHarmless(view));
}, 60_000);

test("in what is asked before a session is deleted", async () => {
  const payload = xssPayloads[0]!;
  const path = `/sessions/${encodeURIComponent(`x:0:${payload}`)}`;
  await using view = await dashboard.open(path);
  await view.sees("Delete…");
  await view.run(
    '[...document.querySelectorAll("button")].find((e) => e.innerText === "Delete…").click()',
  );
  await view.when('document.querySelector("dialog[open]")');
  expect((await view.texts("dialog"))[0]).toContain(payload);
  await expectHarmless(view);
}, 30_000);
