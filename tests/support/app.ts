import { join } from "node:path";
import type { Clock } from "../../lib/platform/clock.ts";
import { createApp } from "../../lib/server/app.ts";
import { openDatabase } from "../../lib/server/database.ts";
import { type Api, connect } from "../contract/opensync/client.ts";
import { tempDir } from "./temp.ts";

/** The embedded server's API without a socket, at a time that stands still. */
export interface TestApp extends AsyncDisposable {
  api: Api;
  fetch: (request: Request) => Promise<Response>;
  /** Lets time pass. */
  advance(ms: number): void;
  /** Rows of the database. */
  // oxlint-disable-next-line typescript/no-explicit-any -- rows of any shape
  query(sql: string): any[];
}

const apiKey = `osk_${"k".repeat(32)}`;

/** Makes an API on a database of its own. */
export async function testApp(): Promise<TestApp> {
  const dir = await tempDir();
  const database = openDatabase(join(dir.path, "test.db"));
  let now = Date.UTC(2026, 0, 1);
  const clock: Clock = { now: () => now, random: () => 0, sleep: () => Promise.resolve() };
  const app = createApp({ database, apiKey, clock });
  return {
    api: connect({ baseUrl: "http://localhost", apiKey, fetch: app.fetch }),
    fetch: app.fetch,
    advance: (ms) => void (now += ms),
    query: (sql) => database.query(sql).all(),
    async [Symbol.asyncDispose]() {
      app.flush();
      database.close();
      await dir[Symbol.asyncDispose]();
    },
  };
}
