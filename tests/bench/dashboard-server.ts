/**
 * Serves a database that `dashboard-data.ts` made: `bun dashboard-server.ts DIR`. Prints its address
 * and a link, and the memory in use for each line that it is given.
 */

import { join } from "node:path";
import { systemClock } from "../../lib/platform/clock.ts";
import { createApp } from "../../lib/server/app.ts";
import { openDatabase } from "../../lib/server/database.ts";

const [dir = "."] = process.argv.slice(2);
const database = openDatabase(join(dir, "opensync.db"));
const app = createApp({ database, apiKey: `osk_${"k".repeat(32)}`, clock: systemClock });
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch: (request) => app.fetch(request),
});
console.log(JSON.stringify({ url: server.url.origin, link: app.createLoginLink() }));
for await (const line of console) if (line) console.log(String(process.memoryUsage.rss()));
await server.stop(true);
app.flush();
database.close();
