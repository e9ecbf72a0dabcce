/** A server as a process of its own: prints its address and key, and runs until it is killed. */

import { must } from "../../lib/assert.ts";
import { startServer } from "../../lib/server/serve.ts";

const dataDir = must(process.argv[2], "the data folder");
const { url, apiKey } = await startServer({ dataDir, port: 0 });
console.log(JSON.stringify({ baseUrl: url, apiKey }));
