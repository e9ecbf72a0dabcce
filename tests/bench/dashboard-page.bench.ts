import { join } from "node:path";
import { bundlePage } from "../../lib/server/dashboard/bundle.ts";
import type { PageFile } from "../../lib/server/dashboard/bundle.ts";
import { startBrowser } from "../support/browser.ts";
import type { View } from "../support/browser.ts";
import { median } from "./bench.ts";
import type { BenchResult } from "./bench.ts";
import { fill } from "./dashboard.bench.ts";

const rounds = 7;

/**
 * How fast the dashboard is in Chromium over what `benchDashboard` fills the server with, without
 * anything kept from before; and the size of the page.
 */
export async function benchDashboardPage(): Promise<BenchResult[]> {
  const [sessions = "50000", messages = "2000000"] = process.env["DASHBOARD"]?.split("/") ?? [];
  await using server = await serve(await fill(sessions, messages));
  await using browser = await startBrowser();
  await using view = await browser.open(`${server.url}/#login=${server.link}`);
  await view.when('document.querySelector(".row .title a")');
  await view.page.setCacheEnabled(false);
  await view.page.evaluateOnNewDocument(noteWhenDrawn);
  const list = await openAgain(view, `${server.url}/`);
  const session = await openAgain(view, `${server.url}/sessions/ses_1`);
  const search = await openAgain(view, `${server.url}/?q=middling`);
  return [
    { name: "first paint", value: list.paint, unit: "ms", goal: "300 ms", ok: list.paint < 300 },
    { name: "list drawn", value: list.drawn, unit: "ms" },
    { name: "search drawn", value: search.drawn, unit: "ms" },
    {
      name: "10,000 messages drawn",
      value: session.drawn,
      unit: "ms",
      goal: "500 ms",
      ok: session.drawn < 500,
    },
    ...(await measureFiles()),
  ];
}

async function serve(dir: string) {
  const program = join(import.meta.dirname, "dashboard-server.ts");
  const child = Bun.spawn([process.execPath, program, dir], { stdin: "pipe", stdout: "pipe" });
  const { value } = await child.stdout.getReader().read();
  const { url, link } = JSON.parse(new TextDecoder().decode(value)) as {
    url: string;
    link: string;
  };
  return {
    url,
    link,
    async [Symbol.asyncDispose]() {
      await child.stdin.end();
      await child.exited;
    },
  };
}

/** Notes the frame in which the first session, message or hit stands on the page. */
const noteWhenDrawn = `new MutationObserver((_, observer) => {
  if (!document.querySelector(".row .title a, article .markdown > *, .hit mark")) return;
  observer.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.drawnAt = performance.now(); }));
}).observe(document, { childList: true, subtree: true })`;

/** Medians over some visits, in milliseconds from the start of each. */
async function openAgain(view: View, url: string): Promise<{ paint: number; drawn: number }> {
  const visits: { paint: number; drawn: number }[] = [];
  for (let round = 0; round <= rounds; round++) {
    await view.goto("about:blank");
    await view.goto(url);
    await view.when("window.drawnAt");
    const paint = 'performance.getEntriesByName("first-contentful-paint")[0].startTime';
    visits.push(await view.run(`({ paint: ${paint}, drawn: window.drawnAt })`));
  }
  const warm = visits.slice(1);
  return {
    paint: median(warm.map(({ paint }) => paint)),
    drawn: median(warm.map(({ drawn }) => drawn)),
  };
}

async function measureFiles(): Promise<BenchResult[]> {
  const files = await bundlePage();
  const { text: shell = "" } = files.find(({ path }) => path === "/") ?? {};
  const atStart = files.filter(({ path }) => path === "/" || shell.includes(path));
  return [...sizesOf("page at its start", atStart), ...sizesOf("page as a whole", files)];
}

function sizesOf(what: string, files: readonly PageFile[]): BenchResult[] {
  const sum = (size: (text: string) => number): number =>
    files.reduce((bytes, { text }) => bytes + size(text), 0) / 1024;
  return [
    { name: `${what}: bytes`, value: sum((text) => Buffer.byteLength(text)), unit: "KB" },
    { name: `${what}: packed`, value: sum((text) => Bun.gzipSync(text).byteLength), unit: "KB" },
  ];
}
