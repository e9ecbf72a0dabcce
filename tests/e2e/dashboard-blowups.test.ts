/** Content that is made to break the page, or to stop it: all else of the session is still shown, and soon. */

import { expect, test } from "bun:test";

import { apiOf } from "../support/dashboard-corpus.ts";
import { dashboardInBrowser } from "../support/dashboard-in-browser.ts";

const dashboard = dashboardInBrowser();

type Part = { type: string; content: unknown };

/** A session with a part of each kind between a first and a last message. */
async function sendParts(externalId: string, parts: Part[], createdAt = Date.now()): Promise<void> {
  const text = (content: string): Part => ({ type: "text", content });
  for (const [number, part] of [text("the first"), ...parts, text("the last")].entries()) {
    await apiOf(dashboard.server).putMessage({
      sessionExternalId: externalId,
      externalId: `${externalId}:${number}`,
      role: "assistant",
      createdAt: createdAt + number,
      parts: [part],
    });
  }
}

const text = (content: string): Part => ({ type: "text", content });
const call = (args: unknown): Part => ({
  type: "tool-call",
  content: { toolCallId: "1", name: "edit", args },
});

test("markdown that nests without end is shown as it is", async () => {
  const texts = [">", "> ", "1. ", "> - ", "[", "**a", "__a"].map((s) => s.repeat(10_000));
  await sendParts("nested", texts.map(text));
  await using view = await dashboard.open("/sessions/nested");
  await view.sees("the first");
  await view.run("scrollTo(0, document.documentElement.scrollHeight)");
  await view.sees("the last");
  expect((await view.texts("article")).length).toBe(9);
}, 60_000);

test("arguments that nest without end are shown as they are", async () => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  const edits = `${'{"edits":['.repeat(20_000)}${"]}".repeat(20_000)}`;
  await sendParts("deep", [call(`{"a":${deep}}`), call(edits), call(deep)]);
  await using view = await dashboard.open("/sessions/deep");
  await view.sees("the first");
  await view.sees("the last");
  await view.run('document.querySelectorAll("details.tool").forEach((e) => (e.open = true))');
  await view.when('document.querySelectorAll("details.tool .fold-body").length === 3');
  await view.sees("[[[[[[");
}, 60_000);

test("an edit with many long pieces takes no longer than one", async () => {
  const lines = (word: string): string => `${word}\n`.repeat(900);
  const edit = { oldText: lines("a"), newText: lines("b") };
  await sendParts("edits", [call({ edits: Array.from({ length: 250 }, () => edit) })]);
  await using view = await dashboard.open("/sessions/edits");
  await view.sees("the last");
  const startedAt = performance.now();
  await view.run('document.querySelector("details.tool").open = true');
  await view.when('document.querySelector(".diff-line")');
  expect(performance.now() - startedAt).toBeLessThan(3000);
}, 60_000);

test("what turns text around is seen, also where markdown has another way to write it", async () => {
  const turns = ["&#x202e;", "&#8238;", "\u202e", "&#0008294;"];
  await sendParts(
    "turns",
    turns.map((turn) => text(`pay ${turn}eve *and ${turn}bob* now`)),
  );
  await using view = await dashboard.open("/sessions/turns");
  await view.sees("the last");
  const shown = (await view.texts(".markdown")).join("\n");
  expect(shown).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
  expect(shown.match(/\[U\+20(2E|66)\]/g)).toHaveLength(8);
});

test("times at the end of all time are no reason to show nothing", async () => {
  for (const [number, createdAt] of [8.6e15, -8.6e15, 2.6e14, 1e300].entries()) {
    const externalId = `time${number}`;
    await apiOf(dashboard.server).putSession({ externalId, title: externalId, createdAt });
    await sendParts(externalId, [], createdAt);
    await using view = await dashboard.open(`/sessions/${externalId}`);
    await view.sees("the last");
  }
  for (const unit of ["day", "week", "month"]) {
    await using view = await dashboard.open(`/overview?days=0&unit=${unit}`);
    await view.sees("Most expensive");
  }
  await using view = await dashboard.open();
  await view.sees("time3");
}, 60_000);

test("a session that calls itself by another's id leads to itself", async () => {
  await apiOf(dashboard.server).putSession({ externalId: "ses_1", title: "impostor" });
  await using view = await dashboard.open();
  await view.click(".row .title a", "impostor");
  await view.when('document.querySelector("h1")?.innerText.includes("impostor")');
});

test("so many tabs as anyone likes are open at a time, and the one that is seen again is up to date", async () => {
  await sendParts("tabs", []);
  await using view = await dashboard.open("/sessions/tabs");
  await view.sees("the last");
  for (let tab = 0; tab < 8; tab++) {
    const page = await view.page.browserContext().newPage();
    await page.goto(`${dashboard.server.url}/sessions/tabs`);
    await page.waitForFunction('document.body.innerText.includes("the last")', { timeout: 5000 });
  }
  await apiOf(dashboard.server).putMessage({
    sessionExternalId: "tabs",
    externalId: "tabs:new",
    role: "user",
    parts: [text("said while nobody looked")],
  });
  await view.page.bringToFront();
  await view.sees("said while nobody looked");
}, 60_000);

test("a word without end in a command does not stop the page", async () => {
  const word = "a".repeat(50_000);
  await sendParts("word", [
    text(`\`\`\`bash\n${word}\n\`\`\`\n\n\`\`\`bash\nif true; then\n\`\`\``),
  ]);
  await using view = await dashboard.open("/sessions/word");
  await view.run(
    "new PerformanceObserver((list) => (window.longest = Math.max(window.longest ?? 0, ...list.getEntries().map((e) => e.duration)))).observe({ type: 'longtask', buffered: true })",
  );
  await view.when('document.querySelector(".hljs-keyword")');
  await view.run("new Promise((done) => setTimeout(done, 100))");
  expect(await view.run<number>("window.longest ?? 0")).toBeLessThan(700);
}, 60_000);
