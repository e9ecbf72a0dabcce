/**
 * Takes the README's pictures of the dashboard: `bun run screenshots` writes them to extension/media.
 * Needs Chromium. The sessions are made up; the server and its page are the real ones.
 */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { openDashboard, startBrowser } from "../support/browser.ts";
import type { View } from "../support/browser.ts";
import { sendCorpus, sendSamples } from "../support/dashboard-corpus.ts";
import { testServer } from "../support/server.ts";
import { shrinkPng } from "./shrink-png.ts";

const media = join(import.meta.dirname, "../../extension/media");
const bytesMax = 150_000;

await using at = await testServer();
await sendSamples(at.server);
await sendCorpus(at.server, Date.now());
await using browser = await startBrowser();

for (const scheme of ["light", "dark"] as const) {
  await using view = await openDashboard(browser, at.server, "/", { scheme });
  await view.sees("Retry uploads that fail with 503");
  await take(view, `dashboard-list-${scheme}`);
  await view.goto(`${at.server.url}/overview`);
  await view.when('document.querySelectorAll(".bar").length > 30');
  await take(view, `dashboard-overview-${scheme}`);
  await view.goto(`${at.server.url}/sessions/pi:019e8b42-7d10-7f31-8c04-2b9e4a6d1c04`);
  await showEdit(view);
  await take(view, `dashboard-session-${scheme}`);
}

/** Opens the first edit, below what was said before it. */
async function showEdit(view: View): Promise<void> {
  await view.when('document.querySelector("details.tool .added")');
  await view.run(`{
    document.querySelector("details.tool .added").closest("details").open = true;
    const prompt = document.querySelectorAll("article.user")[1];
    scrollBy(0, prompt.getBoundingClientRect().top - 330);
  }`);
  await view.when('document.querySelector("details.tool[open] .diff")');
}

async function take(view: View, name: string): Promise<void> {
  await view.run("document.fonts.ready.then(() => document.activeElement.blur())");
  await Bun.sleep(300);
  const picture = shrinkPng(await view.page.screenshot());
  await writeFile(join(media, `${name}.png`), picture);
  console.log(`${name}.png ${Math.round(picture.byteLength / 1024)} KB`);
  if (picture.byteLength > bytesMax) throw new Error(`${name}.png is too large`);
}
