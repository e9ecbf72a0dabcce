/** The list of sessions, the search and the overview, as a person works with them. */

import { describe, expect, test } from "bun:test";

import type { View } from "../support/browser.ts";
import { apiOf, sendCorpus, sendSamples } from "../support/dashboard-corpus.ts";
import { dashboardInBrowser } from "../support/dashboard-in-browser.ts";

const dashboard = dashboardInBrowser(async (server) => {
  await sendSamples(server);
  await sendCorpus(server, Date.now());
});

const titles = (view: View): Promise<string[]> => view.texts(".table-body .title");
const focused = (view: View): Promise<string> => view.run("document.activeElement.innerText");

/** Waits until the first row has a text. */
const firstIs = (view: View, text: string): Promise<void> =>
  view.when(
    `document.querySelector(".table-body .title")?.innerText.includes(${JSON.stringify(text)})`,
  );

const choose = (view: View, label: string, value: string): Promise<unknown> =>
  view.page.select(`select[aria-label="${label}"]`, value);

describe("the list", () => {
  test("begins with what was said last, and says of each session what it is", async () => {
    await using view = await dashboard.open();
    await firstIs(view, "Retry uploads that fail with 503");
    const [row = ""] = await view.texts(".table-body .row");
    for (const text of ["parcel-tracker", "claude-opus-4-5", "36", "$0.47"]) {
      expect(row).toContain(text);
    }
    await view.sees("36 sessions");
    const all = (await titles(view)).join("\n");
    expect(all).toMatch(/subagent\s*List every caller/);
    expect(all).toMatch(/fork\s*The tide table/);
  });

  test("is sorted by any column, both ways, and the address keeps it", async () => {
    await using view = await dashboard.open();
    await firstIs(view, "Retry uploads");
    const sortBy = (name: string): Promise<void> => view.click("button.sort", name);
    await sortBy("Messages");
    await firstIs(view, "Move the queue from Redis to Postgres");
    await sortBy("Messages");
    await firstIs(view, "List every caller");
    await sortBy("Session");
    await view.when('document.querySelector(".cell.title[aria-sort=ascending]")');
    await view.when('document.querySelectorAll(".table-body .title").length > 10');
    const shown = (await titles(view)).filter(
      (title) => !/^(fork|subagent|claude|open)/.test(title),
    );
    expect(shown).toEqual(shown.toSorted((a, b) => a.localeCompare(b)));
    await sortBy("Session");
    await firstIs(view, "Write the release notes");
    await view.page.reload();
    await firstIs(view, "Write the release notes");
  });

  test("is narrowed down by project, model, source and time, and widened again", async () => {
    await using view = await dashboard.open();
    await firstIs(view, "Retry uploads");
    await choose(view, "Project", "/home/ada/homelab");
    await view.sees("5 sessions");
    await choose(view, "Model", "claude-opus-4-5");
    await view.sees("3 sessions");
    await choose(view, "Time", "7d");
    await view.sees("1 session");
    expect((await titles(view)).join()).toContain("Proxy drops websocket");
    await view.page.reload();
    await view.sees("1 session");
    await view.click("button", "Clear filters");
    await view.sees("36 sessions");
    await choose(view, "Source", "claude-code");
    await view.sees("2 sessions");
    await view.page.goBack();
    await view.sees("36 sessions");
  });

  test("is gone through by keyboard, there and back", async () => {
    await using view = await dashboard.open();
    await firstIs(view, "Retry uploads");
    await view.press("j");
    await view.when('document.activeElement.matches(".row a")');
    await view.press("j");
    await view.when('document.activeElement.innerText.includes("nightly import")');
    await view.press("j", "k");
    await view.when('document.activeElement.innerText.includes("nightly import")');
    await view.press("Enter");
    await view.when('location.pathname.startsWith("/sessions/")');
    await view.when('document.activeElement.tagName === "H1"');
    expect(await focused(view)).toContain("nightly import");
    await view.press("Escape");
    await firstIs(view, "Retry uploads");
  });

  test("takes in sessions as they come, and lets go of those that are deleted", async () => {
    await using view = await dashboard.open();
    await firstIs(view, "Retry uploads");
    const api = apiOf(dashboard.server);
    const id = await api.putSession({ externalId: "new", title: "Just begun", source: "pi" });
    await api.putMessage({
      sessionExternalId: "new",
      externalId: "new:1",
      role: "user",
      parts: [{ type: "text", content: "hello" }],
    });
    await firstIs(view, "Just begun");
    await api.request("DELETE", `/api/sessions?id=${id}`, {
      authorization: `Bearer ${dashboard.server.apiKey}`,
    });
    await firstIs(view, "Retry uploads");
  });
});

describe("the search", () => {
  test("finds while somebody writes: words and their beginnings, what tools put out as well", async () => {
    await using view = await dashboard.open();
    await firstIs(view, "Retry uploads");
    await view.press("/");
    await view.page.keyboard.type("strftime");
    await view.when('document.querySelectorAll("mark").length >= 2');
    await view.sees("Monthly report takes forty seconds");
    expect(await view.texts(".hit-role")).toContain("Tool");
    expect((await view.texts("mark"))[0]).toBe("strftime");
    expect(await view.run("location.search")).toBe("?q=strftime");
    await view.run('document.querySelector("#search").select()');
    await view.page.keyboard.type("daylight sav");
    await view.sees("Tide table an hour off");
    const marks = (await view.texts("mark")).map((mark) => mark.toLowerCase());
    expect(marks).toContain("daylight");
    expect(marks).toContain("saving");
  });

  test("leads to the very message, and back", async () => {
    await using view = await dashboard.open("/?q=sumFees+waived");
    await view.when('document.querySelector(".hit a")');
    await view.press("j");
    await view.when('document.activeElement.matches(".hit a")');
    await view.press("Enter");
    await view.when('location.hash.startsWith("#m-")');
    await view.when('document.querySelector("article.is-target")');
    const box = 'document.querySelector("article.is-target").getBoundingClientRect()';
    await view.when(`${box}.top < innerHeight && ${box}.bottom > 0`);
    await view.press("Escape");
    await view.when('document.querySelectorAll(".hit").length > 0');
    expect(await view.run('document.querySelector("#search").value')).toBe("sumFees waived");
  });

  test("says so where there is nothing", async () => {
    await using view = await dashboard.open("/?q=nowhereatall");
    await view.sees("Nothing found");
    await view.press("Escape");
    await firstIs(view, "Retry uploads");
  });

  test("heeds the filters", async () => {
    await using view = await dashboard.open("/?q=green&project=%2Fhome%2Fada%2Fhomelab");
    await view.when('document.querySelectorAll(".hit").length > 0');
    expect(new Set((await view.texts(".group .facts")).map((text) => text.split(" ")[0]))).toEqual(
      new Set(["homelab"]),
    );
  });
});

describe("the overview", () => {
  test("sums up, shows values of each day by pointer and keyboard, and has a table behind", async () => {
    await using view = await dashboard.open("/overview");
    await view.when('document.querySelectorAll(".bar").length > 30');
    const { totals } = await sums();
    const shown = (await view.texts(".totals")).join();
    expect(shown).toContain(String(totals.sessions));
    expect(shown).toContain(`$${totals.cost.toFixed(2)}`);
    await view.run('document.querySelector(".bar[tabindex=\\"0\\"]").focus()');
    await view.press("ArrowLeft");
    await view.when(
      '/[$].*tokens.*session/.test(document.querySelector(".chart-reading").innerText)',
    );
    await view.click(".data summary");
    await view.when('document.querySelectorAll(".data[open] tbody tr").length > 30');
    await view.click("label, button", "Months");
    await view.when('document.querySelectorAll(".bar").length <= 3');
    await view.sees("Most used tools");
    await view.sees("bash");
  });

  test("leads to the most expensive sessions", async () => {
    await using view = await dashboard.open("/overview");
    await view.when('document.querySelector(".expensive a")');
    await view.click(".expensive a");
    await view.when('location.pathname.startsWith("/sessions/")');
    await view.when('document.querySelector("article")');
  });
});

/** What all sessions of the server come to. */
async function sums(): Promise<{ totals: { sessions: number; cost: number } }> {
  const { sessions } = (await apiOf(dashboard.server).get("/api/sessions")).body;
  const cost = sessions.reduce((sum: number, session: { cost: number }) => sum + session.cost, 0);
  return { totals: { sessions: sessions.length, cost } };
}

test("? tells which keys there are", async () => {
  await using view = await dashboard.open();
  await firstIs(view, "Retry uploads");
  await view.press("?");
  await view.when('document.querySelector("dialog[open]")');
  expect((await view.texts("dialog"))[0]).toContain("Next and previous prompt");
  await view.press("Escape");
  await view.when('!document.querySelector("dialog[open]")');
});
