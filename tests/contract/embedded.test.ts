import { afterAll } from "bun:test";
import { type Server, startServer } from "../../lib/server/serve.ts";
import { tempDir } from "../support/temp.ts";
import { describeOpenSyncApi } from "./opensync-api.ts";

const cleanup = new AsyncDisposableStack();
afterAll(() => cleanup.disposeAsync());

async function start(): Promise<Server> {
  const dir = cleanup.use(await tempDir());
  const server = await startServer({ dataDir: dir.path, port: 0 });
  cleanup.defer(() => server.stop());
  return server;
}

describeOpenSyncApi("the embedded server", async () => {
  const { url, apiKey } = await start();
  return { baseUrl: url, apiKey };
});

describeOpenSyncApi("the embedded server without a socket", async () => {
  const { url, apiKey, fetch } = await start();
  return { baseUrl: url, apiKey, fetch };
});
