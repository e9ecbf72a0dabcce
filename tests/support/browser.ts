import puppeteer, { type HTTPRequest, type Page } from "puppeteer-core";

import type { Server } from "../../lib/server/serve.ts";
import { until } from "./pi/until.ts";

/** Headless Chromium; one for each test file. */
export interface TestBrowser extends AsyncDisposable {
  version: string;
  /** Opens a tab that shares nothing with the others: neither storage nor cache. */
  open(url: string, options?: ViewOptions): Promise<View>;
}

/** How a tab is to be. */
export interface ViewOptions {
  scheme?: "light" | "dark";
  width?: number;
  height?: number;
  /** For a page that is not ours: what it says in the console, and what it asks of others, is its own affair. */
  isForeign?: boolean;
}

/**
 * A tab, and what happened in it. Disposing of it rejects where something happened that never may: a
 * request to anywhere but the server, a breach of the page's policy, an error that nobody caught, a dialog.
 */
export interface View extends AsyncDisposable {
  page: Page;
  /** Addresses of all requests so far, those of `data:` and `blob:` left out. */
  requests: string[];
  /** What happened that never may. */
  breaches: string[];
  /** The value of an expression in the page. */
  run<T = unknown>(expression: string): Promise<T>;
  /** Waits until an expression in the page is true. */
  when(expression: string): Promise<void>;
  /** Waits until the page has a text. */
  sees(text: string): Promise<void>;
  /** Waits until the page has not got a text. */
  seesNo(text: string): Promise<void>;
  /** The text of what a selector finds, one for each. */
  texts(selector: string): Promise<string[]>;
  /** Presses keys one after another, by their names. */
  press(...keys: string[]): Promise<void>;
  /** Clicks on what a selector finds, with a text in it, once it is there. */
  click(selector: string, text?: string): Promise<void>;
  /** Another address in the same tab, which keeps what it stored. */
  goto(url: string): Promise<void>;
}

/** Opens a path of a server's dashboard as a person whom a link lets in. */
export function openDashboard(
  browser: TestBrowser,
  server: Server,
  path = "/",
  options: ViewOptions = {},
): Promise<View> {
  const { hash } = new URL(server.createLink());
  return browser.open(`${server.url}${path}${hash}`, options);
}

/** A name that leads to this machine, as any name of the web can be made to. */
export const reboundName = "rebound.example";

/** Starts Chromium. */
export async function startBrowser(): Promise<TestBrowser> {
  const browser = await puppeteer.launch({
    executablePath: Bun.which("chromium") ?? "chromium",
    args: [
      // Chromium's sandbox does not work for root, as whom containers run.
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      "--disable-dev-shm-usage",
      "--force-color-profile=srgb",
      // Nothing is found but this machine, whatever is asked for.
      `--host-resolver-rules=MAP ${reboundName} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost`,
    ],
  });
  return {
    version: await browser.version(),
    async open(url, options = {}) {
      const context = await browser.createBrowserContext();
      const page = await context.newPage();
      const view = watch(page, options, () => context.close());
      await prepare(page, options);
      await view.goto(url);
      return view;
    },
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

async function prepare(
  page: Page,
  { scheme = "light", width = 1280, height = 800 }: ViewOptions,
): Promise<void> {
  await page.setViewport({ width, height });
  await page.emulateMediaFeatures([
    { name: "prefers-color-scheme", value: scheme },
    { name: "prefers-reduced-motion", value: "reduce" },
  ]);
}

function watch(page: Page, { isForeign = false }: ViewOptions, close: () => Promise<void>): View {
  const requests: string[] = [];
  const breaches: string[] = [];
  let origins: string[] = [];
  page.on("request", (request) => {
    const url = addressOf(request);
    if (url === undefined) return;
    requests.push(url);
    if (!origins.includes(new URL(url).origin)) breaches.push(`asked for ${url}`);
  });
  page.on("console", (message) => {
    if (isPolicyBreach(message.text())) breaches.push(message.text());
  });
  page.on("pageerror", (error) => breaches.push(`not caught: ${String(error)}`));
  page.on("dialog", (dialog) => {
    breaches.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  const run = <T>(expression: string): Promise<T> => page.evaluate(expression) as Promise<T>;
  let hasGivenUp = false;
  const when = async (expression: string): Promise<void> => {
    try {
      await until(expression, () => run<boolean>(`Boolean(${expression})`).catch(() => false), {
        limitMs: 10_000,
      });
    } catch (error) {
      hasGivenUp = true;
      const shown = await run<string>("document.body.innerText").catch(String);
      const words = [String(error), ...breaches, shown].join("\n").slice(0, 4000);
      throw new Error(words, { cause: error });
    }
  };
  const has = (text: string): string => `document.body.innerText.includes(${JSON.stringify(text)})`;
  return {
    page,
    requests,
    breaches,
    run,
    when,
    sees: (text) => when(has(text)),
    seesNo: (text) => when(`!${has(text)}`),
    texts: (selector) =>
      run(`[...document.querySelectorAll(${JSON.stringify(selector)})].map((e) => e.innerText)`),
    async press(...keys) {
      for (const key of keys) await page.keyboard.press(key as "Enter");
    },
    async click(selector, text = "") {
      const find = `[...document.querySelectorAll(${JSON.stringify(selector)})].find((e) => e.innerText.includes(${JSON.stringify(text)}))`;
      await when(find);
      await run(`${find}.scrollIntoView({ block: "nearest" })`);
      const { x, y, width, height } = await run<Record<"x" | "y" | "width" | "height", number>>(
        `${find}.getBoundingClientRect().toJSON()`,
      );
      await page.mouse.click(x + width / 2, y + height / 2);
    },
    async goto(url) {
      const { origin } = new URL(url);
      // Until the next page is there, the one before may still ask for something.
      origins.push(origin);
      await page.goto(url);
      origins = [origin];
    },
    async [Symbol.asyncDispose]() {
      await close();
      // An error of its own would hide the one that the test ended with.
      if (!isForeign && !hasGivenUp && breaches.length > 0) throw new Error(breaches.join("\n"));
    },
  };
}

/** What is sent of an address: the fragment stays in the browser. */
function addressOf(request: HTTPRequest): string | undefined {
  const url = request.url().replace(/#.*$/s, "");
  return /^(data|blob|about):/.test(url) ? undefined : url;
}

function isPolicyBreach(text: string): boolean {
  return /content security policy|trusted ?(type|html|script)|permissions policy/i.test(text);
}
