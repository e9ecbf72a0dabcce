/** The page for everyone: with axe, by keyboard alone, dark and light, and on a phone. */

import { expect, test } from "bun:test";

import axe from "axe-core";

import type { View, ViewOptions } from "../support/browser.ts";
import { sendCorpus, sendSamples } from "../support/dashboard-corpus.ts";
import { dashboardInBrowser } from "../support/dashboard-in-browser.ts";

const harbour = "/sessions/pi:019e8b42-7d10-7f31-8c04-2b9e4a6d1c04";
const dashboard = dashboardInBrowser(async (server) => {
  await sendSamples(server);
  await sendCorpus(server, Date.now());
});

/** Each page, and how to get it to where it shows all it has. */
const pages: Record<string, { path: string; show: (view: View) => Promise<unknown> }> = {
  list: { path: "/", show: (view) => view.when('document.querySelector(".row .title a")') },
  "filtered list": {
    path: "/?project=%2Fhome%2Fada%2Fhomelab&time=2026-01-01..&sort=cost",
    show: (view) => view.when('document.querySelector(".row .title a")'),
  },
  search: { path: "/?q=test", show: (view) => view.when('document.querySelector("mark")') },
  "search without hits": { path: "/?q=nowhereatall", show: (view) => view.sees("Nothing found") },
  overview: {
    path: "/overview",
    show: async (view) => {
      await view.when('document.querySelector(".bar")');
      await view.run('document.querySelectorAll("details").forEach((e) => (e.open = true))');
    },
  },
  session: {
    path: harbour,
    show: async (view) => {
      await view.when('document.querySelector("details.tool")');
      await view.run(
        'document.querySelectorAll("details:not(.menu)").forEach((e) => (e.open = true))',
      );
      await view.when('document.querySelector(".diff")');
    },
  },
  "question before deleting": {
    path: harbour,
    show: async (view) => {
      await view.click("button", "Delete…");
      await view.when('document.querySelector("dialog[open]")');
    },
  },
  help: {
    path: "/",
    show: async (view) => {
      await view.when('document.querySelector(".row .title a")');
      await view.press("?");
      await view.when('document.querySelector("dialog[open]")');
    },
  },
};

const schemes = ["light", "dark"] as const;
const phone: ViewOptions = { width: 360, height: 740 };

/** What axe finds serious or worse, in words. */
async function findBarriers(view: View): Promise<string[]> {
  await view.run("new Promise((done) => setTimeout(done, 150))");
  // axe is for the test alone, which the page's policy does not know.
  await view.page.evaluate(axe.source);
  const { violations } = await view.run<{
    violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[];
  }>("axe.run(document, { resultTypes: ['violations'] })");
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) =>
      nodes.slice(0, 3).map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
    );
}

for (const [name, { path, show }] of Object.entries(pages)) {
  test.each([...schemes])(`axe finds nothing serious: ${name}, %s`, async (scheme) => {
    await using view = await dashboard.open(path, { scheme });
    await show(view);
    expect(await findBarriers(view)).toEqual([]);
  });

  test(`on a phone: ${name}`, async () => {
    await using view = await dashboard.open(path, phone);
    await show(view);
    const width = "Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)";
    expect(await view.run<number>(width)).toBeLessThanOrEqual(360);
    expect(await findBarriers(view)).toEqual([]);
  });
}

test.each([...schemes])("axe finds nothing serious: the way in, %s", async (scheme) => {
  await using view = await dashboard.browser.open(dashboard.server.url, { scheme });
  await view.sees("pi-opensync open");
  expect(await findBarriers(view)).toEqual([]);
});

test("axe finds what is wrong, where something is", async () => {
  await using view = await dashboard.open();
  await pages["list"]!.show(view);
  await view.run('document.querySelector("#search").labels[0].remove()');
  await view.run('document.querySelector("#search").removeAttribute("placeholder")');
  expect((await findBarriers(view)).join()).toContain("label");
});

/** How light the background of the page is, from 0 to 255. */
const lightness = (view: View): Promise<number> =>
  view.run(
    "Math.max(...getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g).slice(0, 3).map(Number))",
  );

test("the page is light or dark as the system is, and follows it", async () => {
  await using view = await dashboard.open("/", { scheme: "light" });
  await pages["list"]!.show(view);
  expect(await lightness(view)).toBeGreaterThan(200);
  await view.page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
  expect(await lightness(view)).toBeLessThan(60);
});

test("all is reached by keyboard alone, and the focus can be seen", async () => {
  await using view = await dashboard.open(harbour);
  await view.when('document.querySelector("details.tool")');
  const reached: string[] = [];
  const unseen: string[] = [];
  for (let step = 0; step < 60; step++) {
    await view.press("Tab");
    const [name, isSeen] = await view.run<[string, boolean]>(`(() => {
      const e = document.activeElement;
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(e);
      const isSeen = (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none";
      return [e.tagName + " " + (e.ariaLabel ?? e.innerText ?? "").slice(0, 40), isSeen];
    })()`);
    reached.push(name);
    if (!isSeen && !name.startsWith("BODY")) unseen.push(name);
  }
  expect(unseen).toEqual([]);
  const all = reached.join("\n");
  for (const part of [
    "Skip to content",
    "Sessions",
    "Overview",
    "Export",
    "Delete",
    "Link to this message",
  ]) {
    expect(all).toContain(part);
  }
});

test("from the way in to a word said weeks ago, by keyboard alone", async () => {
  await using view = await dashboard.open();
  await pages["list"]!.show(view);
  await view.press("/");
  await view.page.keyboard.type("retry-after");
  await view.when('document.querySelector(".hit a")');
  await view.press("ArrowDown", "Enter");
  await view.when('document.querySelector("article.is-target")');
  await view.press("e");
  await view.when('document.querySelector(".menu").open');
  await view.press("Escape");
  await view.when('!document.querySelector(".menu").open');
  await view.press("Escape");
  await view.when('document.querySelector(".hit a")');
});
