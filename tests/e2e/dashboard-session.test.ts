/** A session on its page: how it reads, how it grows, and what can be done with it. */

import { describe, expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startServer } from "../../lib/server/serve.ts";
import { openDashboard } from "../support/browser.ts";
import type { View } from "../support/browser.ts";
import { apiOf, sendSamples } from "../support/dashboard-corpus.ts";
import { dashboardInBrowser } from "../support/dashboard-in-browser.ts";
import { until } from "../support/pi/until.ts";

const harbour = "/sessions/pi:019e8b42-7d10-7f31-8c04-2b9e4a6d1c04";
const tide = "/sessions/pi:019e80a1-4c00-7a10-8b30-5d6c1f0a2e01";
const fork = "/sessions/pi:019e80d2-9f40-7c22-9a51-0f3e6b7d4c02";
const dashboard = dashboardInBrowser(sendSamples);

/** A text message as a client sends it. */
const says = (session: string, number: number, text: string, role = "user") => ({
  sessionExternalId: session,
  externalId: `${session}:${number}`,
  role: role as "user",
  createdAt: Date.now() - 1_000_000 + number * 50,
  textContent: text,
  parts: [{ type: "text" as const, content: text }],
});

/** Whether any element that a selector finds is in view. */
const isInView = (selector: string): string =>
  `[...document.querySelectorAll(${JSON.stringify(selector)})].some((element) => {
    const { top, bottom } = element.getBoundingClientRect();
    return top < innerHeight && bottom > 50;
  })`;

/** Draws a whole session, which is short enough for it. */
async function openTall(path: string): Promise<View> {
  return dashboard.open(path, { height: 6000 });
}

describe("a session reads as it was", () => {
  test("prompts, answers with markdown, and coloured code", async () => {
    await using view = await openTall(harbour);
    await view.when('document.querySelector("article.user")');
    expect((await view.texts("article.user"))[0]).toContain("It should be there in one.");
    expect(await view.texts(".markdown li strong")).toEqual([
      "A query for each ship",
      expect.stringContaining(""),
    ]);
    await view.when('document.querySelectorAll("pre code [class^=hljs-]").length > 5');
    expect((await view.texts(".markdown pre"))[0]).toContain("GROUP BY ships.id");
    await view.when('document.querySelectorAll(".markdown table tbody tr").length === 3');
    expect((await view.texts(".session-head"))[0]).toMatch(/harbour-fees[\s\S]*23 messages/);
  });

  test("tool calls are folded with their results, failed ones say so", async () => {
    await using view = await openTall(harbour);
    await view.when('document.querySelectorAll("details.tool").length === 8');
    expect(await view.run('document.querySelectorAll("details.tool[open]").length')).toBe(0);
    expect(await view.texts("article.tool")).toEqual([]);
    const failed = await view.texts("details.tool.is-error");
    expect(failed).toEqual([expect.stringContaining("npm test -- report")]);
    await view.click("details.tool.is-error summary");
    await view.sees('received: "2026-13-01"');
    await view.sees("7 passed, 1 failed");
  });

  test("edits are diffs", async () => {
    await using view = await openTall(harbour);
    await view.click("details.tool summary", "src/report/month-range.ts");
    await view.when('document.querySelector("details.tool[open] .diff")');
    const removed = await view.texts(".diff-line.removed");
    const added = await view.texts(".diff-line.added");
    expect(removed.join()).toContain("padStart");
    expect(added.join()).toContain("Date.UTC(year, number, 1)");
    expect([removed.length, added.length]).toEqual([1, 1]);
  });

  test("thinking is folded, compactions and branches are marked", async () => {
    await using view = await openTall(harbour);
    await view.when('document.querySelector("details.thinking")');
    expect(await view.texts("details.thinking .fold-body")).toEqual([]);
    await view.click("details.thinking summary", "Keep signature");
    await view.when('document.querySelector("details.thinking .fold-body")');
    expect((await view.texts("details.thinking .fold-body"))[0]).toContain("replacing it by SUM.");
    expect((await view.texts(".mark.compaction"))[0]).toMatch(/13350|13,350/);
    await view.goto(dashboard.server.url + tide);
    await view.when('document.querySelector(".mark.branch")');
  });

  test("a fork and its parent lead to each other", async () => {
    await using view = await dashboard.open(fork);
    await view.sees("Forked from");
    await view.click(".session-head a", "Tide table an hour off");
    await view.when(
      `location.pathname === ${JSON.stringify(tide)} || document.querySelector("h1").innerText.includes("Tide table")`,
    );
    await view.sees("Tide table an hour off");
    await view.click(".session-head a", "The tide table");
    await view.sees("Forked from");
  });
});

describe("within a session", () => {
  test("each message has an address, which leads to it", async () => {
    await using view = await dashboard.open(harbour);
    await view.when('document.querySelectorAll(".permalink").length > 5');
    const links = await view.run<string[]>(
      '[...document.querySelectorAll(".permalink")].map((e) => e.href)',
    );
    const link = links.at(-1)!;
    expect(link).toMatch(/#m-msg_\d+$/);
    await view.goto("about:blank");
    await view.goto(link);
    await view.when('document.querySelector("article.is-target")');
    await view.when(isInView("article.is-target"));
    await view.run('history.replaceState(null, "", "#m-msg_999999999")');
    await view.page.reload();
    await view.sees("is not here");
  });

  test("prompts are gone through by keys and by their list", async () => {
    await using view = await dashboard.open(harbour);
    await view.when('document.querySelectorAll("article.user").length === 3');
    await view.press("]");
    await view.when(isInView("article.user.is-target"));
    await view.when(
      'document.querySelector(".outline [aria-current]").innerText.includes("Keep the function")',
    );
    await view.press("[");
    await view.when(
      'document.querySelector(".outline [aria-current]").innerText.includes("monthly report")',
    );
    await view.click(".outline button", "Write the commit message");
    await view.when(
      '[...document.querySelectorAll("article.user")].at(-1).getBoundingClientRect().top < innerHeight',
    );
    await view.press("j");
    await view.when('document.activeElement.matches("article")');
  });

  test("a message, its link, and the command that resumes it can be copied", async () => {
    await using view = await dashboard.open(harbour);
    await view.page
      .browserContext()
      .overridePermissions(dashboard.server.url, [
        "clipboard-read",
        "clipboard-sanitized-write",
      ] as never);
    await view.click("button", "Copy resume command");
    await view.sees("Command copied");
    const copied = await view.run<string>("navigator.clipboard.readText()");
    expect(copied).toMatch(/pi --session .*019e8b42-7d10-7f31-8c04-2b9e4a6d1c04/);
  });
});

describe("a session that goes on", () => {
  test("grows while the client sends, and whoever is at its end stays there", async () => {
    const externalId = "live-1";
    await dashboard.client.putSession({ externalId, title: "Live", source: "pi" });
    for (let n = 0; n < 30; n++)
      await dashboard.client.putMessage(says(externalId, n, `line ${n}`));
    await using view = await dashboard.open(`/sessions/${externalId}`);
    await view.sees("line 0");
    const end = "scrollTo(0, document.documentElement.scrollHeight)";
    // What comes into view has other heights than were expected, so one scroll is not always enough.
    await view.when(`(${end}, ${isInView('article[data-index="29"]')})`);
    for (let n = 30; n < 36; n++) {
      await dashboard.client.putMessage(
        says(externalId, n, `line ${n}`, n % 2 ? "assistant" : "user"),
      );
      await view.sees(`line ${n}`);
    }
    await view.when(isInView('article[data-index="35"]'));
    await dashboard.client.putMessage(says(externalId, 35, "line 35, and more of it", "assistant"));
    await view.sees("and more of it");
    await view.sees("36 messages");
  }, 40_000);

  test("does not move under somebody who reads further up", async () => {
    const externalId = "live-2";
    await dashboard.client.putSession({ externalId, title: "Live", source: "pi" });
    for (let n = 0; n < 60; n++)
      await dashboard.client.putMessage(says(externalId, n, `line ${n}`));
    await using view = await dashboard.open(`/sessions/${externalId}`);
    await view.sees("line 3");
    await view.run("scrollTo(0, 400)");
    await view.when("scrollY === 400");
    await dashboard.client.putMessage(says(externalId, 60, "line 60"));
    await view.sees("1 new message");
    expect(await view.run("scrollY")).toBe(400);
    await view.click("button", "1 new message");
    await view.sees("line 60");
  }, 40_000);

  test("a page that lost the server finds it again by itself", async () => {
    await using at = await restartable();
    await apiOf(at.server).putSession({ externalId: "s", title: "Before", source: "pi" });
    await using view = await openDashboard(dashboard.browser, at.server);
    await view.sees("Before");
    await at.stop();
    await view.sees("does not answer");
    await at.start();
    await apiOf(at.server).putSession({ externalId: "t", title: "After", source: "pi" });
    await view.sees("After");
    await view.seesNo("does not answer");
  }, 40_000);

  test("a part of the page that did not come is named, and got again", async () => {
    await using at = await restartable();
    await sendSamples(at.server);
    await using view = await dashboard.browser.open("about:blank", { height: 6000 });
    const devtools = await view.page.createCDPSession();
    const block = (...urls: string[]): Promise<void> =>
      devtools.send("Network.setBlockedURLs", { urls });
    await devtools.send("Network.enable");
    await block("*/session-page-*", "*/highlight-*");
    await view.goto(at.server.createLink().replace("/#", `${harbour}#`));
    await view.sees("could not be loaded");
    await view.run("(window.isOld = true)");
    await view.click("button", "Try again");
    await view.when("!window.isOld");
    await view.sees("could not be loaded");
    await at.stop();
    await view.sees("does not answer");
    await block("*/highlight-*");
    await at.start();
    await view.when(`document.querySelector("article code.language-sql")`);
  }, 40_000);
});

/** An embedded server that is stopped and started again at the same address. */
async function restartable() {
  const dir = await dataDir();
  let server = await startServer({ dataDir: dir.path, port: 0 });
  const port = Number(new URL(server.url).port);
  return {
    get server() {
      return server;
    },
    stop: () => server.stop(),
    async start() {
      server = await startServer({ dataDir: dir.path, port });
    },
    async [Symbol.asyncDispose]() {
      await server.stop();
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** A folder of its own, which is gone in the end. */
async function dataDir() {
  const path = await mkdtemp(join(tmpdir(), "pi-opensync-test-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

describe("what can be done with a session", () => {
  test("it is saved as Markdown, JSON and JSONL", async () => {
    await using dir = await dataDir();
    await using view = await dashboard.open(harbour);
    const devtools = await view.page.createCDPSession();
    await devtools.send("Browser.setDownloadBehavior", {
      behavior: "allow",
      downloadPath: dir.path,
      browserContextId: view.page.browserContext().id!,
    });
    for (const [name, extension] of [
      ["Markdown", "md"],
      ["JSON", "json"],
      ["JSONL", "jsonl"],
    ] as const) {
      await view.when('document.querySelector("article .markdown")');
      await view.press("e");
      await view.when('document.querySelector(".menu").open');
      await view.run(
        `[...document.querySelectorAll(".menu button")].find((e) => e.innerText.startsWith("${name} ")).click()`,
      );
      const file = await until(name, async () =>
        (await readdir(dir.path)).find((found) => found.endsWith(`.${extension}`)),
      );
      const text = await readFile(join(dir.path, file), "utf8");
      expect(text).toContain("Keep the function's signature.");
      if (extension === "json") expect(JSON.parse(text)).toBeObject();
      if (extension === "jsonl") {
        for (const line of text.trim().split("\n")) expect(JSON.parse(line)).toBeObject();
      }
    }
  }, 40_000);

  test("it is deleted, once that was confirmed", async () => {
    const id = await apiOf(dashboard.server).putSession({
      externalId: "old",
      title: "To be deleted",
    });
    await using view = await dashboard.open("/sessions/old");
    await view.click("button", "Delete…");
    await view.when('document.querySelector("dialog[open]")');
    await view.press("Escape");
    await view.when('!document.querySelector("dialog[open]")');
    expect((await apiOf(dashboard.server).get("/api/sessions/get", { id })).status).toBe(200);
    await view.click("button", "Delete…");
    await view.click("dialog button", "Delete");
    await view.when('location.pathname === "/"');
    await view.sees("Monthly report");
    expect(await view.texts(".row .title")).not.toContain("To be deleted");
    expect((await apiOf(dashboard.server).get("/api/sessions/get", { id })).status).toBe(404);
  });

  test("a session that is not here says so", async () => {
    await using view = await dashboard.open("/sessions/nothing");
    await view.sees("No such session");
  });
});

describe("10,000 messages", () => {
  test("open at their beginning, middle and end, and only what is near is drawn", async () => {
    const externalId = "large";
    const api = apiOf(dashboard.server);
    const id = await api.putSession({ externalId, title: "Large", source: "pi" });
    const all = Array.from({ length: 10_000 }, (_, n) =>
      says(
        externalId,
        n,
        `line ${n}\n\n${"some more words, ".repeat(n % 20)}`,
        n % 7 ? "assistant" : "user",
      ),
    );
    for (let start = 0; start < all.length; start += 500) {
      await Promise.all(all.slice(start, start + 500).map((message) => api.putMessage(message)));
    }
    await using view = await dashboard.open(`/sessions/${externalId}`);
    const drawn = 'document.querySelectorAll("article").length';
    await view.sees("line 0");
    expect(await view.run(drawn)).toBeLessThan(1000);
    await view.run("scrollTo(0, document.documentElement.scrollHeight / 2)");
    await view.when(`(${isInView("article")}) && ${drawn} > 3`);
    await view.press("End");
    await until("the end", async () => {
      await view.run("scrollTo(0, document.documentElement.scrollHeight)");
      return (await view.run<string>("document.body.innerText")).includes("line 9999");
    });
    expect(await view.run(drawn)).toBeLessThan(1000);
    const { messages } = await api.read(id);
    const { id: middle } = messages.find(({ textContent }) =>
      textContent.startsWith("line 5000\n"),
    )!;
    await view.goto("about:blank");
    await view.goto(`${dashboard.server.url}/sessions/${externalId}#m-${middle}`);
    await view.when('document.querySelector("article.is-target")?.innerText.includes("line 5000")');
    await view.when(isInView("article.is-target"));
  }, 90_000);
});
