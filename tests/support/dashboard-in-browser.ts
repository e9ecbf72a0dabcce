import { afterAll, beforeAll } from "bun:test";

import type { OpenSyncClient } from "../../lib/opensync/client.ts";
import type { Server } from "../../lib/server/serve.ts";
import { openDashboard, startBrowser } from "./browser.ts";
import type { TestBrowser, View, ViewOptions } from "./browser.ts";
import { testServer } from "./server.ts";
import type { TestServer } from "./server.ts";

/** Headless Chromium, and an embedded server whose dashboard it shows. */
export interface DashboardInBrowser {
  readonly browser: TestBrowser;
  readonly server: Server;
  readonly client: OpenSyncClient;
  /** Opens a path of the dashboard as a person whom a link lets in. */
  open(path?: string, options?: ViewOptions): Promise<View>;
}

/**
 * Starts both before the tests of the file that calls it, and stops them after.
 *
 * @param fill Stores what the tests look at.
 */
export function dashboardInBrowser(
  fill: (server: Server) => Promise<unknown> = async () => {},
): DashboardInBrowser {
  let browser: TestBrowser;
  let at: TestServer;
  beforeAll(async () => {
    browser = await startBrowser();
    at = await testServer();
    await fill(at.server);
  }, 60_000);
  afterAll(async () => {
    await browser[Symbol.asyncDispose]();
    await at[Symbol.asyncDispose]();
  });
  return {
    get browser() {
      return browser;
    },
    get server() {
      return at.server;
    },
    get client() {
      return at.client;
    },
    open: (path, options) => openDashboard(browser, at.server, path, options),
  };
}
